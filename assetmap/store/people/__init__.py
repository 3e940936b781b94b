"""Connected people: the one room that reads and writes their tables.

Nobody comes in but by the door: it takes who they are and in which role, asks ``privacy`` and ``roles`` what they may
see and do, and writes a line into the audit. What is kept lies sealed.
"""

from assetmap.store.people.door import Door, lacking, say_responsible, who_is_responsible
from assetmap.store.people.erasing import confirm_restored, erase_person
from assetmap.store.people.incident import (
    Concerned,
    Extent,
    Incident,
    close_incident,
    letter_to_commissioner,
    letter_to_person,
    letter_to_recipient,
    open_incident,
    read_extent,
    read_incident,
)
from assetmap.store.people.introducing import ask_to_introduce, note_outcome, who_may_introduce
from assetmap.store.people.model import Asked, Person, Seen, Through
from assetmap.store.people.opening import has_key, open_people, set_key
from assetmap.store.people.own import (
    act_words,
    as_json,
    as_letter,
    everything,
    new_card,
    own_door,
    read_audit,
    verify_audit,
)
from assetmap.store.people.records import (
    add_person,
    ask_again,
    correct,
    count_people,
    hide_now,
    pause,
    read_people,
    read_person,
    resume,
    show_again,
    withdraw,
)
from assetmap.store.people.responsible import Responsible
from assetmap.store.people.sealing import Keys
from assetmap.store.people.second import Look, may_see, read_looks, see_looks

__all__ = [
    "Asked",
    "Concerned",
    "Door",
    "Extent",
    "Incident",
    "Keys",
    "Look",
    "Person",
    "Responsible",
    "Seen",
    "Through",
    "act_words",
    "add_person",
    "as_json",
    "as_letter",
    "ask_again",
    "ask_to_introduce",
    "close_incident",
    "confirm_restored",
    "correct",
    "count_people",
    "erase_person",
    "everything",
    "has_key",
    "hide_now",
    "lacking",
    "letter_to_commissioner",
    "letter_to_person",
    "letter_to_recipient",
    "may_see",
    "new_card",
    "note_outcome",
    "open_incident",
    "open_people",
    "own_door",
    "pause",
    "read_audit",
    "read_extent",
    "read_incident",
    "read_looks",
    "read_people",
    "read_person",
    "resume",
    "say_responsible",
    "see_looks",
    "set_key",
    "show_again",
    "verify_audit",
    "who_is_responsible",
    "who_may_introduce",
    "withdraw",
]
