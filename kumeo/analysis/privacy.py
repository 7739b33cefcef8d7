"""Which fields are personal or secret, by their names.

A name counts when it, or its words from the left or right, are in the table: `email`,
`customer_email`, `phoneNumber`. Free text may hold anything, but it has no name that says so.
"""

import re
from collections.abc import Iterator

from xdsl.ir import Attribute

from kumeo.dialects.data.types import ListType, MapType, OptionType, RecordType

PERSONAL_FIELDS = frozenset(
    [
        "email",
        "e_mail",
        "mail_address",
        "phone",
        "phone_number",
        "mobile",
        "mobile_number",
        "telephone",
        "fax",
        "first_name",
        "last_name",
        "full_name",
        "surname",
        "maiden_name",
        "street",
        "street_address",
        "home_address",
        "postal_address",
        "birth_date",
        "birthday",
        "date_of_birth",
        "dob",
        "birthplace",
        "ssn",
        "social_security",
        "social_security_number",
        "national_id",
        "tax_id",
        "passport",
        "passport_number",
        "driving_licence",
        "driver_license",
        "id_card",
        "iban",
        "bic",
        "bank_account",
        "account_number",
        "card_number",
        "credit_card",
        "pan",
        "cvv",
        "cvc",
        "pin",
        "password",
        "passwd",
        "secret",
        "token",
        "access_token",
        "api_key",
        "private_key",
        "credentials",
        "diagnosis",
        "diagnoses",
        "medical_record",
        "patient_id",
        "health_record",
        "medication",
        "allergies",
        "religion",
        "ethnicity",
        "sexual_orientation",
        "biometrics",
        "fingerprint",
        "ip_address",
        "mac_address",
        "latitude",
        "longitude",
        "geolocation",
    ]
)
"""Names of fields that a model outside must not see."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
PATHS_MAX = 16


def is_personal(
    name: str, more: frozenset[str] = frozenset(), public: frozenset[str] = frozenset()
) -> bool:
    """Say whether a field of this name holds personal or secret data."""
    if name in public:
        return False
    known = PERSONAL_FIELDS | more
    words = [word.lower() for word in _WORD.findall(name)]
    joined = "_".join(words)
    if joined in known or name in known:
        return True
    ends = ["_".join(words[start:]) for start in range(1, len(words))]
    return any(end in known for end in ends)


def personal_paths(type: Attribute, more: frozenset[str], public: frozenset[str]) -> set[str]:
    """Return the paths of the personal fields inside a type."""
    found: set[str] = set()
    for path, name in _fields(type, "", 0):
        if is_personal(name, more, public) and len(found) < PATHS_MAX:
            found.add(path)
    return found


def _fields(type: Attribute, above: str, depth: int) -> Iterator[tuple[str, str]]:
    match type:
        case OptionType(inner=inner) | ListType(item=inner) | MapType(value=inner):
            yield from _fields(inner, above, depth)
        case RecordType() if depth < 8:
            for name, part in type.fields:
                path = f"{above}.{name}" if above else name
                yield path, name
                yield from _fields(part, path, depth + 1)
        case _:
            return
