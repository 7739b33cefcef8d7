"""`grammar.json` belongs to `grammar.lark`, and each rule has its builder."""

import subprocess
import sys

from kumeo.frontend import make_tables
from kumeo.frontend.build_tree import BUILDERS
from kumeo.frontend.tables import load_tables


def test_grammar_json_is_made_from_the_grammar() -> None:
    assert make_tables.main(["--check"]) == 0


def test_builders_are_those_that_the_grammar_names() -> None:
    named = {rule.builder for rule in load_tables().rules} - {"", "@list"}
    assert named == set(BUILDERS)


def test_soft_keywords_leave_out_operators_and_statements() -> None:
    soft = load_tables().soft
    assert {"TEST", "AGENT", "AGENTS", "TO"} <= soft
    assert not soft & {"AND", "NOT", "IN", "IF", "FOR", "TRUE", "NULL"}


def test_parser_does_not_load_lark() -> None:
    code = "import sys, kumeo.frontend.parser as p; p.load_tables; sys.exit('lark' in sys.modules)"
    code = code.replace("p.load_tables", "p.parse(p.Source('x', 'enum A { b }'))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
