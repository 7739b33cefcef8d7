"""Reading IR text: a parser that understands every string that the printer writes.

xDSL prints text outside ASCII as bytes (`"\\C3\\A9"`) and then reads it back as bytes, not as text.
`KumeoParser` reads every string that is valid UTF-8 as text. The `parse_` functions do the same
inside custom assembly, so that it also works under a plain xDSL parser.
"""

from typing import NoReturn, cast

from xdsl.context import Context
from xdsl.ir import SSAValue
from xdsl.parser import AttrParser, Parser
from xdsl.parser.generic_parser import ParserState
from xdsl.utils.lexer import Input, Position
from xdsl.utils.mlir_lexer import MLIRLexer, MLIRToken, MLIRTokenKind, StringLiteral


class KumeoLexer(MLIRLexer):
    """The lexer of MLIR, with every valid UTF-8 string as text."""

    def _lex_string_literal(self, start_pos: Position) -> MLIRToken:
        token = super()._lex_string_literal(start_pos)
        if token.kind is not MLIRTokenKind.BYTES_LIT:
            return token
        try:
            cast(StringLiteral, token.span).bytes_contents.decode("utf-8")
        except UnicodeDecodeError:
            return token
        return MLIRToken(MLIRTokenKind.STRING_LIT, token.span)


class KumeoParser(Parser):
    """The parser of all IR text in Kumeo."""

    def __init__(self, ctx: Context, input: str, name: str = "<unknown>") -> None:
        super().__init__(ctx, "", name)
        self._parser_state = ParserState(KumeoLexer(Input(input, name)))


def raise_since(parser: AttrParser, message: str, start: int) -> NoReturn:
    """Raise a parse error for the text from `start` to the last token that was read."""
    read = parser.lexer.input.content[start : parser.pos].rstrip()
    parser.raise_error(message, start, start + len(read))


def parse_text(parser: AttrParser) -> str:
    """Parse a string literal."""
    return parser.expect(lambda: parse_optional_text(parser), "string literal expected")


def parse_optional_text(parser: AttrParser) -> str | None:
    """Parse a string literal, or nothing."""
    text = parser.parse_optional_str_literal()
    if text is not None:
        return text
    start = parser.pos
    content = parser.parse_optional_bytes_literal()
    if content is None:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise_since(parser, "the string is not valid UTF-8", start)


def parse_name(parser: AttrParser) -> str:
    """Parse an identifier, or a string literal for any other name."""
    name = parser.parse_optional_identifier()
    return name if name is not None else parse_text(parser)


def parse_value(parser: Parser) -> SSAValue:
    """Parse a value that is already defined; its type is known from there."""
    operand = parser.parse_unresolved_operand()
    values = parser.ssa_values.get(operand.operand_name)
    if values is None or operand.index >= len(values):
        parser.raise_error(f"%{operand.operand_name} is not defined before", operand.span)
    return values[operand.index]
