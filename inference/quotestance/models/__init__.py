"""Step 7: the models behind the classifier; `linear` is the one that every install can run."""
