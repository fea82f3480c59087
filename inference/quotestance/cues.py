"""Cues: the words that attribute, by class, with the syntax that each one takes.

A frame says where the content stands:

==== ==================================================================
c    a clause: "said (that) ...", "asked whether ...", "..., he said"
i    an infinitive or participle: "refuses to sign", "ruled out signing"
o    a noun phrase: "wants a text", "dismissed the threat"
s    the object and what is said of it: "called it vital", "urged him to sign"
a    with an addressee that is not content: "told reporters that"
x    a phrase behind one of the named prepositions: "insists on the right"
==== ==================================================================
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue verb: its class, its frames and the prepositions that may open its content."""

    kind: str
    frames: str
    prepositions: tuple[str, ...] = ()


# One line an entry group: "class frames[ preposition,...]: lemma lemma ...". A particle is joined
# with an underscore (rule_out); adjectives and nouns that close a cue are joined likewise.
_TABLE = """
say c: say state add declare announce remark note observe comment report explain stress emphasize
say c: emphasise underline underscore reiterate repeat assert affirm maintain insist claim contend
say c: argue write reply answer respond retort counter quip joke snap sigh grumble mutter murmur
say c: whisper shout cry exclaim scoff sneer snort laugh smile shrug bristle growl drawl chuckle
say c: fume thunder quote tweet confide disclose reveal mention relate recall recount suggest imply
say c: hint signal predict forecast caution vow swear testify pronounce proclaim conclude
say c: elaborate interject point_out make_clear make_plain let_slip let_know spell_out
say c: call_out go_on put_in chime_in tell_of confirm clarify volunteer venture opine muse
say c: reason concur agree promise pledge posit lament moan groan gripe protest object
say c: allege demur banter intone summarize summarise stipulate specify provide rule hold show
say cao: convey relay express
say cax to: convey relay
say ca: tell assure inform remind notify advise brief reassure caution warn promise convince
say x of,about: speak talk boast
say x of,against: warn
say x for: argue
say x on,upon: dwell elaborate
say x to: point allude refer
say s: put
refuse x of: hear
demand x for: settle
ask cai: ask
ask c: wonder inquire enquire question query challenge wonder_aloud ask_aloud want_to_know
demand sico: want ask request
demand cio: demand seek desire crave
demand ci: require
demand si: urge press implore beg exhort encourage beseech push pressure lobby instruct order ask
demand si: direct invite advise expect like
demand c: insist recommend propose urge
demand o: propose recommend champion advocate favor favour prioritize prioritise invoke seek
demand x for: call press push plead ask appeal lobby campaign hope yearn argue clamor clamour wish
demand x for: hold_out
demand x on,upon: insist
demand x on,upon: call prevail
demand si: call_on call_upon
demand sio: prefer need
refuse io: refuse decline reject rule_out oppose resist block spurn rebuff shun dismiss exclude
refuse io: turn_down brush_off brush_aside shrug_off
refuse io: wave_away wave_off wave_aside cast_aside laugh_off
refuse io: forswear foreswear shoot_down knock_down play_down set_aside discount avoid
refuse x at,from,on: balk baulk bridle recoil shrink back_away back_off draw_back walk_away
refuse c: refuse
deny cio: deny dispute contest disavow disown rebut refute repudiate disclaim
deny c: disagree
concede cio: concede admit acknowledge allow grant accept recognize recognise confess own_up
concede x to: concede admit own_up confess agree
believe c: believe think feel fear hope doubt suspect reckon assume presume guess consider judge
believe c: know understand realize realise worry expect anticipate figure calculate trust sense
believe c: imagine regret conclude
believe x about,over: worry fret wonder
believe sio: regard view see consider deem judge find fear doubt
believe s: view regard see look_upon look_on count
believe x in: believe
intend i: plan intend aim vow promise threaten pledge mean offer undertake agree hope propose
intend i: prepare expect try decide resolve commit strive wish swear hasten
intend cio: consider eye weigh mull ponder contemplate study debate discuss examine explore
intend cio: mull_over weigh_up think_over decide
intend o: envisage envision promise pledge
intend x on: plan
praise o: praise welcome hail laud applaud commend back support endorse defend embrace salute
praise o: thank appreciate approve bless uphold celebrate cheer justify vouch
praise s: hail praise laud
praise x of: approve
criticise o: criticise criticize condemn denounce decry deplore blast slam assail attack lambaste
criticise o: reject mock ridicule deride lament bemoan protest chide rebuke berate fault scold
criticise o: bristle_at scorn belittle regret castigate excoriate question
criticise s: accuse blame denounce fault
criticise x of,about,at,over: complain grumble gripe bristle scoff rail fume
criticise c: complain
judge s: call describe label brand term dub characterize characterise portray depict liken compare
judge s: style cast declare pronounce
"""
# Adjectives and participles behind "be": "is willing to", "was concerned that".
_ADJECTIVES = """
intend i: willing ready prepared eager keen determined set anxious inclined happy
intend x to: committed
refuse i: unwilling reluctant loath hesitant unable
refuse x to: opposed averse resistant
believe cx about,over: concerned worried anxious uneasy nervous
believe cx of: afraid confident convinced sure certain hopeful fearful wary
believe cx about: optimistic pessimistic doubtful sceptical skeptical
say c: adamant clear insistent emphatic
demand c: insistent adamant
praise cix with,about: happy pleased satisfied content glad proud delighted
criticise cx with,about,at,over,by: unhappy dissatisfied angry furious frustrated disappointed
criticise cx with,about,at,over,by: dismayed irritated annoyed outraged alarmed incensed
"""
_ALIASES = {"judge": "say"}


def _load(table: str) -> dict[str, tuple[Cue, ...]]:
    cues: dict[str, list[Cue]] = {}
    for line in table.strip().splitlines():
        head, lemmas = line.split(":")
        kind, frames, *rest = head.split()
        prepositions = tuple(rest[0].split(",")) if rest else ()
        cue = Cue(_ALIASES.get(kind, kind), frames, prepositions)
        for lemma in lemmas.split():
            cues.setdefault(lemma, []).append(cue)
    return {lemma: tuple(found) for lemma, found in cues.items()}


CUES: dict[str, tuple[Cue, ...]] = _load(_TABLE)
ADJECTIVE_CUES: dict[str, tuple[Cue, ...]] = _load(_ADJECTIVES)

# Verbs that attribute even where the subject is no person: a report says, a draft provides.
SPEECH_LEMMAS = frozenset(
    lemma for lemma, cues in CUES.items() for cue in cues if cue.kind in ("say", "ask")
)

# Nouns that carry an attribution: "his demand that ...", "a refusal to guarantee ...".
NOMINAL_CUES = {
    "demand": "demand", "request": "demand", "call": "demand", "appeal": "demand",
    "insistence": "demand", "plea": "demand", "refusal": "refuse", "rejection": "refuse",
    "denial": "deny", "admission": "concede", "claim": "say", "assertion": "say",
    "promise": "intend", "pledge": "intend", "vow": "intend", "threat": "intend",
    "warning": "say", "hope": "believe", "fear": "believe", "belief": "believe",
    "accusation": "criticise", "complaint": "criticise",
}  # fmt: skip


def cue_class(lemma: str) -> str:
    """The class of a cue lemma; "say" for a verb that the table does not have."""
    found = CUES.get(lemma) or CUES.get(lemma.split("_")[0])
    return found[0].kind if found else "say"
