"""Whether a noun can be the source of a quote.

Any person or body can; for plain speech a text can too ("the draft says"). What cannot speak is
listed for speech, because speech verbs are safe; for wants, plans and judgements the subject
must look like a person or a body, because "the deal wants work" is the reporter's own voice.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

_PERSON_SUFFIXES = (
    "man", "men", "woman", "women", "person", "people", "ist", "ian", "eer", "ant", "ent",
    "er", "or", "ees", "ee", "herd", "smith",
)  # fmt: skip
_NOT_PERSONS = set(
    "number matter letter paper order power border quarter corner winter summer offer answer "
    "danger anger murder factor sector error terror mirror minor color colour center centre "
    "theater theatre shelter counter water weather river air agreement document statement "
    "argument moment event element amount account restaurant settlement treatment payment "
    "incident accident percent extent content talent present cent rent tent scent intent "
    "patent deployment engagement involvement commitment improvement development investment "
    "employment environment equipment instrument monument supplement compartment appointment "
    "assessment announcement arrangement achievement tear year chapter character helicopter "
    "computer dinner supper prayer fire hour tower flower charter disaster master layer "
    "newsletter barrier carrier frontier trailer poster meter liter other labor labour floor "
    "door poor interior behavior behaviour favor favour coffee fee knee tree degree guarantee "
    "decree war bar car star far pressure withdrawal presence talks talk vote deal pact "
    "accord clause raid strike drone deadline date week month spring autumn election issue "
    "question problem".split()
)
_BODIES = set(
    "government ministry palace embassy administration parliament council committee "
    "commission assembly jirga loya chamber senate congress house cabinet court army police "
    "force military command coalition alliance movement party team delegation side camp "
    "office department agency presidency capital staff union group organization organisation "
    "body board panel mission company bank station tribe clan family village community public "
    "nation country world opposition majority minority few half third rest crowd media press "
    "newspaper paper daily weekly magazine broadcaster network channel website service "
    "intelligence directorate secretariat leadership hierarchy bloc faction caucus lobby "
    "elite pentagon kremlin taliban insurgency prosecution defence defense quarters circles "
    "ranks staffers people men women kin relatives parents elders mullahs clergy ulema allies "
    "donors villagers neighbors neighbours colleague colleagues friend friends voice voices "
    "source sources figure figures hand hands aide aides cleric clerics mullah imam malik "
    "elder chief chiefs head boss deputy deputies spokesperson envoy envoys governor general "
    "colonel captain sergeant corporal soldier marine pilot nurse doctor teacher lawyer judge "
    "attorney brother sister father mother uncle cousin nephew niece son daughter wife "
    "husband widow veteran hawk hawks dove doves critic critics advocate advocates expert "
    "experts ambassador president premier secretary king prince sheikh senator congressman "
    "congresswoman lawmaker legislator mp mps politician candidate diplomat official "
    "officials negotiator analyst scholar professor student tailor baker butcher farmer "
    "driver guard guide host guest boy girl guy lad youth child children resident patron cook "
    "clerk monk priest bishop shah emir commandant planner strategist lobbyist columnist "
    "historian correspondent journalist reporter editor presenter counterpart opposite".split()
)
_TEXTS = set(
    "report statement draft text document resolution communique communiqué letter memo note "
    "cable article clause paragraph agreement pact accord treaty law constitution order "
    "decree summary transcript release survey poll study paper bill editorial headline banner "
    "sign placard tweet message email blog post account decision ruling version annex "
    "preamble".split()
)
_SILENT = set(
    "talks talk vote deal raid strike date deadline week month spring autumn winter year "
    "election issue question problem matter number thing fact way reason result evidence war "
    "peace time history experience attack bomb drone gun money fuel snow nothing everything "
    "something what".split()
)
_RELAYS = set(
    "report post times newspaper paper daily weekly magazine agency broadcaster station "
    "network reuters guardian telegraph journal summary readout transcript source sources "
    "media press bbc cnn afp tolo tolonews pajhwok xinhua channel website account herald "
    "tribune gazette mercury courier chronicle observer star sun mirror mail echo standard "
    "bulletin dispatch "
    "register examiner ledger beacon argus globe independent express blog portal bloomberg ap "
    "readouts minutes".split()
)
_ONLY_BODIES = set(
    "government ministry palace embassy administration parliament council committee commission "
    "assembly jirga chamber senate congress house cabinet court army police force military command "
    "coalition alliance movement party team delegation side camp office department agency "
    "presidency capital staff union group organization organisation body board panel mission "
    "company bank station tribe family village community public nation country world opposition "
    "majority minority crowd media press newspaper paper magazine channel website service pentagon "
    "taliban insurgency leadership people".split()
)
_CALENDAR = set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december christmas easter eid ramadan "
    "nowruz".split()
)
_TITLES = set(
    "reverend rev bishop archbishop imam mullah sheikh king queen prince princess lord lady sir "
    "dame president minister senator judge justice general colonel major captain doctor dr "
    "professor".split()
)
_FEMALE = set(
    "ms mrs miss madam lady woman women girl mother sister wife daughter widow aunt niece "
    "grandmother spokeswoman congresswoman businesswoman chairwoman queen midwife".split()
)
_MALE = set(
    "mr sir lord man men boy father brother husband son uncle nephew grandfather spokesman "
    "congressman businessman chairman king mullah imam".split()
)
_PRONOUNS = set(
    "he she they one who we i another others some many both several most somebody someone "
    "nobody everyone everybody all each none neither either second third first former latter "
    "two three few you those".split()
)


def can_speak(token: Token, *, speech: bool = True) -> bool:
    """Whether the noun can be a source.

    Parameters
    ----------
    token : Token
        The head of the subject.
    speech : bool
        Whether the cue is one of plain speech, for which texts count and "it" may stand.
    """
    word, lemma = token.lower_, token.lemma_.lower()
    if token.text == "WHO":
        return True
    if token.pos_ == "PRON" or token.tag_ in ("DT", "PDT", "CD", "PRP", "EX"):
        if word == "it":
            return not any(c.dep_ == "expl" for c in token.head.children)
        return word in _PRONOUNS
    if word in _PRONOUNS:
        return True
    if token.pos_ == "PROPN":
        return not token.like_num
    if lemma in _BODIES or word in _BODIES:
        return True
    if lemma in _TEXTS:
        return speech
    if token.pos_ not in ("NOUN", "ADJ"):
        return False
    if any(c.dep_ == "appos" and c.pos_ == "PROPN" for c in token.children):
        return True
    if lemma not in _NOT_PERSONS and lemma.endswith(_PERSON_SUFFIXES) and len(lemma) > 4:
        return True
    return speech and lemma not in _SILENT and token.pos_ == "NOUN"


def could_speak(token: Token) -> bool:
    """Whether the noun can be a source at all; a study's results count, "this" does not."""
    return can_speak(token) or token.pos_ == "NOUN"


def is_text(token: Token) -> bool:
    """Whether the noun names a text, which "it says" may stand for."""
    return token.lemma_.lower() in _TEXTS


def is_relay(token: Token) -> bool:
    """Whether the noun names somebody who usually passes on what others hold: the press."""
    beside = (c for c in token.children if c.dep_ in ("compound", "amod", "nmod", "appos"))
    return any(t.lower_ in _RELAYS for t in (token, *beside))


def is_person(token: Token) -> bool:
    """Whether "he" or "she" may stand for the noun: no body, no text, no day, no thing."""
    if token.pos_ == "PROPN":
        titled = any(t.lower_.rstrip(".") in _TITLES for t in _before_name(token))
        the = any(c.lower_ == "the" for c in token.lefts)
        return token.lower_ not in _CALENDAR and (titled or not the)
    if any(c.lower_ == "no" for c in token.lefts) or token.lemma_.lower() in _TEXTS:
        return False
    return can_speak(token, speech=False) and token.lemma_.lower() not in _ONLY_BODIES


def gender(head: Token) -> str:
    """The gender that a noun, or a title before a name, tells; "" where neither does."""
    for token in (head, *_before_name(head)):
        word = token.lower_.rstrip(".")
        if word in _FEMALE:
            return "f"
        if word in _MALE:
            return "m"
    return ""


def _before_name(head: Token) -> Iterator[Token]:
    """The titles and first names before a noun; an owner ("the queen's") is none of them."""
    for child in head.lefts:
        if child.dep_ in ("compound", "amod", "nmod"):
            yield child
            yield from _before_name(child)
