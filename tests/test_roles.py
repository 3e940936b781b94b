"""Who may do what."""

from __future__ import annotations

import pytest

from assetmap.errors import NotAllowedError
from assetmap.roles import ACTS, ROLES, Actor, can, require


def test_role_names_are_those_of_the_design() -> None:
    assert ROLES == ("resident", "worker", "moderator", "partner", "commissioner", "steward")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_read(role: str) -> None:
    assert can(role, "read")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("act", "roles"),
    [
        ("suggest", {"resident", "worker", "moderator", "partner", "steward"}),
        ("add", {"worker", "moderator", "steward"}),
        ("change", {"worker", "moderator", "steward"}),
        ("publish", {"moderator"}),
        ("keep-off-map", {"worker", "moderator", "steward"}),
        ("settings", {"worker", "steward"}),
        ("figures", {"worker", "commissioner", "steward"}),
        ("export", {"worker", "moderator", "partner", "commissioner", "steward"}),
        ("register", {"worker", "moderator", "steward"}),
        ("paperwork", {"worker", "moderator", "steward"}),
        ("audit", {"steward"}),
        ("erase", {"steward"}),
    ],
)
def test_role_by_role(act: str, roles: set[str]) -> None:
    assert {role for role in ROLES if can(role, act)} == roles  # type: ignore[arg-type]


def test_a_role_or_an_act_nobody_knows_is_refused() -> None:
    assert not can("admin", "read")  # type: ignore[arg-type]
    assert not can("steward", "everything")  # type: ignore[arg-type]


def test_a_refusal_names_the_role_and_whom_to_ask() -> None:
    with pytest.raises(NotAllowedError, match="erase: the role worker may not do this; ask one of these: steward"):
        require(Actor("ada", "worker"), "erase")
    for act in ACTS:
        assert any(can(role, act) for role in ROLES), f"nobody may {act}"
