"""The gate: what passes at once, what is held, what comes out in the end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepip.model.triggers import Stream
from safepip.reading.gate import Gate

OUT, ERR, BOTH = Stream.OUT, Stream.ERR, Stream.BOTH
LINE = b"Defaulting to user installation because normal site-packages is not writeable\n"
LOOKING = b"Looking in indexes: http://example.invalid/simple\n"
MSG = b"ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'\n"


def case(name: str, *values: object) -> object:
    return pytest.param(*values, id=name)


def joined(pieces: tuple[tuple[Stream, bytes], ...], stream: Stream) -> bytes:
    return b"".join(data for which, data in pieces if which is stream)


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        case("an ordinary line", OUT, b"Requirement already satisfied: six\n"),
        case("the sentence, indented", OUT, b"  " + LINE),
        case("the sentence, quoted", OUT, b'"' + LINE),
        case("the sentence as a summary", OUT, b"Summary: " + LINE),
        case("the sentence with more behind it", OUT, LINE[:-1] + b".\n"),
        case("the sentence on stderr alone", ERR, LINE),
        case("a sign that nothing waits for", OUT, b"Collecting labone\n"),
        case("a part of a progress bar", OUT, b"\r     |####    | 10 kB 2 MB/s"),
        case("a prompt", OUT, b"User for example.invalid: "),
        case("a question", OUT, b"Proceed (Y/n)? "),
        case("an error of another kind", ERR, b"ERROR: No matching distribution found for x\n"),
        case("an indented error of a build", ERR, b"    " + MSG),
        case("an error on stdout alone", OUT, MSG),
        case("a warning", ERR, b"WARNING: The directory '/x' is not writable\n"),
        case("a binary line", OUT, b"\x00\xff\xfe\n"),
        case("an empty line", BOTH, b"\n"),
        case("an error after a bar on its line", BOTH, b"\r |##| 61 kB \x1b[31m" + MSG),
    ],
)
def test_passes_at_once(stream: Stream, data: bytes) -> None:
    gate = Gate()
    assert gate.feed(stream, data) == data
    assert gate.held() == ()
    assert not gate.wants_pause
    assert not gate.seen_line


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        case("MSG of pip 21 and later", ERR, MSG),
        case("MSG of pip 19.2 to 20.3", ERR, MSG.replace(b"OSError", b"EnvironmentError")),
        case("MSG of pip 10 to 19.1", ERR, MSG.removeprefix(b"ERROR: ")),
        case("MSG of -v", ERR, b"ERROR: Could not install packages due to an OSError.\n"),
        case("MSG in red", BOTH, b"\x1b[31m" + MSG),
        case("MSG in red, after the cursor was hidden", BOTH, b"\x1b[?25l\x1b[31m" + MSG),
        case("PEP 668", ERR, b"error: externally-managed-environment\n"),
        case(
            "PEP 668 in colour",
            BOTH,
            b"\x1b[1;31merror\x1b[0m: \x1b[1mexternally-managed-environment\x1b[0m\r\n",
        ),
        case("no virtualenv", ERR, b"ERROR: Could not find an activated virtualenv (required).\n"),
        case("no user site", ERR, b"ERROR: Can not perform a '--user' install. User site-p\n"),
    ],
)
def test_holds_last_words_and_all_behind_them_to_the_end(stream: Stream, data: bytes) -> None:
    gate = Gate()
    shown = b"".join(gate.feed(stream, data[i : i + 1]) for i in range(len(data)))
    assert shown == b""
    assert gate.feed(stream, b"Check the permissions.\n") == b""
    assert gate.idle() == ()
    assert gate.overdue() == ()
    assert gate.resume() == ()
    assert gate.held() == ((stream, data + b"Check the permissions.\n"),)
    assert gate.held() == ()


@pytest.mark.parametrize(
    "words",
    [
        case("plain", MSG),
        case("begun", MSG[:30]),
        case("one byte", MSG[:1]),
        case(
            "coloured inside",
            b"\x1b[1;31merror\x1b[0m: \x1b[1mexternally-managed-environment\x1b[0m\n",
        ),
        case("reset inside", b"error\x1b[0m: externally-managed-environment\n"),
    ],
)
def test_holds_last_words_amid_what_begins_like_them(words: bytes) -> None:
    before = b"a line\nERROR: Could not find x\nCollected x\nerror: odd\n" * 20
    gate = Gate()
    assert gate.feed(ERR, before + words) == before
    assert gate.held() == ((ERR, words),)


def test_passes_the_end_of_a_line_that_looks_like_last_words() -> None:
    gate = Gate()
    pieces = (b"ERROR: odd\nsome", MSG, b"error: odd\nmore\nand ", MSG)
    assert all(gate.feed(ERR, piece) == piece for piece in pieces)


def test_leaves_last_words_alone_when_told_so() -> None:
    assert Gate(hold_errors=False).feed(ERR, MSG) == MSG


@pytest.mark.parametrize(
    ("end", "stream"),
    [case("a pipe", b"\n", OUT), case("a terminal", b"\r\n", BOTH), case("odd", b"\r\r\n", BOTH)],
)
@pytest.mark.parametrize(
    "sign",
    [
        b"Collecting labone",
        b"Processing ./labone-1.0-py3-none-any.whl",
        b"Obtaining file:///home/lab/work/proj",
        b"Installing collected packages: labone",
        b"Running setup.py install for labone",
    ],
)
def test_asks_for_a_pause_at_the_first_sign(sign: bytes, end: bytes, stream: Stream) -> None:
    gate = Gate()
    first = b"Using pip 26.3" + end
    assert gate.feed(stream, first) == first
    line = LINE[:-1] + end
    assert gate.feed(stream, line + LOOKING) == b""
    assert gate.seen_line
    assert (gate.feed(stream, sign), gate.wants_pause) == (b"", False)
    assert (gate.feed(stream, end), gate.wants_pause) == (b"", True)
    assert gate.feed(stream, b"  more\n") == b""
    assert gate.idle() == ()
    assert gate.overdue() == ()
    assert gate.resume() == ((stream, LOOKING + sign + end + b"  more\n"),)
    assert (gate.feed(stream, sign + end), gate.wants_pause) == (sign + end, False)
    assert gate.held() == ()


@pytest.mark.parametrize(
    "text",
    [
        case("an indented sign", b"  Collecting labone\n"),
        case("a satisfied requirement", b"Requirement already satisfied: labone\n"),
        case("the word alone", b"Collecting\n"),
        case("a sign on a bar's line", b"bar Collecting x\n"),
    ],
)
def test_asks_for_no_pause(text: bytes) -> None:
    gate = Gate()
    assert gate.feed(OUT, LINE + text) == b""
    assert not gate.wants_pause
    assert gate.held() == ((OUT, LINE + text),)


def test_shows_all_bytes_when_everything_was_satisfied() -> None:
    gate = Gate()
    gate.feed(OUT, LINE + b"Requirement already satisfied: six\n")
    assert gate.held() == ((OUT, LINE + b"Requirement already satisfied: six\n"),)


def test_watches_no_longer_for_the_sentence_after_a_sign() -> None:
    gate = Gate()
    assert gate.feed(OUT, b"Collecting x\n" + LINE) == b"Collecting x\n" + LINE
    assert not gate.seen_line


def test_asks_for_a_pause_at_the_end_of_an_endless_sign() -> None:
    gate = Gate(hold_from_start=True)
    assert gate.feed(OUT, b"Collecting " + b"x" * 9000) == b""
    assert gate.feed(OUT, b"x" * 9000) == b""
    assert not gate.wants_pause
    assert gate.feed(OUT, b"\n") == b""
    assert gate.wants_pause


def test_leaves_the_sentence_alone_when_told_so() -> None:
    gate = Gate(watch_line=False)
    assert gate.feed(OUT, LINE + b"Collecting x\n") == LINE + b"Collecting x\n"


def test_holds_from_the_start_when_told_so() -> None:
    gate = Gate(hold_from_start=True)
    assert gate.feed(OUT, LOOKING + b"Collecting x\n") == b""
    assert gate.wants_pause
    assert not gate.seen_line
    assert gate.resume() == ((OUT, LOOKING + b"Collecting x\n"),)


def test_drops_the_sentence_also_when_held_from_the_start() -> None:
    gate = Gate(hold_from_start=True)
    assert gate.feed(OUT, b"Using pip\n" + LINE + b"Collecting x\n") == b""
    assert gate.seen_line
    assert gate.resume() == ((OUT, b"Using pip\nCollecting x\n"),)


def test_holds_stdout_without_holding_stderr() -> None:
    gate = Gate()
    gate.feed(OUT, LINE + b"Collecting x\n")
    assert gate.feed(ERR, b"WARNING: w\n") == b"WARNING: w\n"


def test_keeps_the_order_of_a_shared_terminal() -> None:
    gate = Gate()
    gate.feed(BOTH, LINE + b"WARNING: w\r\nCollecting x\r\n")
    assert gate.wants_pause
    assert gate.resume() == ((BOTH, b"WARNING: w\r\nCollecting x\r\n"),)


def test_keeps_the_colour_reset_that_stands_before_the_sentence() -> None:
    gate = Gate()
    assert gate.feed(BOTH, b"\x1b[33mWARNING: w\r\n\x1b[0m" + LINE).endswith(b"\r\n\x1b[0m")
    assert gate.seen_line
    assert gate.resume() == ()


def test_shows_an_unfinished_line_when_nothing_comes() -> None:
    gate = Gate()
    assert gate.feed(OUT, LINE + b"User for example.invalid: ") == b""
    assert gate.idle() == ((OUT, LINE + b"User for example.invalid: "),)
    assert gate.feed(OUT, b"\nPass") == b"\nPass"
    assert gate.feed(OUT, b"word: ") == b"word: "
    assert gate.feed(OUT, b"\nCollecting x\n") == b"\n"
    assert gate.wants_pause
    assert gate.resume() == ((OUT, b"Collecting x\n"),)


def test_keeps_complete_lines_until_they_are_overdue() -> None:
    gate = Gate()
    assert gate.feed(OUT, LINE + LOOKING) == b""
    assert gate.idle() == ()
    assert gate.overdue() == ((OUT, LINE + LOOKING),)
    assert gate.feed(OUT, LOOKING) == LOOKING
    assert gate.feed(OUT, b"Collecting x\n") == b""
    assert gate.wants_pause


def test_lets_the_sentence_alone_wait_for_what_follows_it() -> None:
    gate = Gate()
    assert gate.feed(OUT, LINE) == b""
    assert gate.overdue() == ()
    assert gate.feed(OUT, LOOKING) == b""
    assert gate.overdue() == ((OUT, LINE + LOOKING),)
    assert gate.held() == ()


def test_holds_a_sentence_that_comes_late() -> None:
    gate = Gate(hold_from_start=True)
    gate.feed(OUT, LOOKING)
    assert gate.overdue() == ((OUT, LOOKING),)
    assert gate.feed(OUT, LINE + LOOKING) == b""
    assert gate.held() == ((OUT, LINE + LOOKING),)


def test_takes_an_unfinished_sign_for_a_sign_when_nothing_comes() -> None:
    gate = Gate()
    gate.feed(OUT, LINE + b"Processing ./x.whl")
    assert gate.idle() == ()
    assert gate.wants_pause
    assert gate.resume() == ((OUT, b"Processing ./x.whl"),)


@pytest.mark.parametrize("cut", [*range(18, 77), 77])
def test_never_shows_the_sentence_by_idling(cut: int) -> None:
    gate = Gate()
    assert gate.feed(OUT, LINE[:cut]) == b""
    assert gate.idle() == ()
    assert gate.feed(OUT, LINE[cut:]) == b""
    assert gate.idle() == ()
    assert gate.seen_line


def test_recognises_a_line_whose_beginning_was_shown() -> None:
    gate = Gate()
    gate.feed(ERR, b"ERROR: Cou")
    assert gate.idle() == ((ERR, b"ERROR: Cou"),)
    assert gate.feed(ERR, MSG[10:]) == b""
    assert gate.held() == ((ERR, MSG[10:]),)


def test_a_shared_terminal_shows_what_stood_before_the_last_words() -> None:
    gate = Gate()
    gate.feed(BOTH, LINE + LOOKING + MSG)
    assert gate.idle() == ()
    assert gate.overdue() == ((BOTH, LINE + LOOKING),)
    assert gate.held() == ((BOTH, MSG),)


def test_never_holds_more_than_a_megabyte() -> None:
    gate = Gate()
    shown = gate.feed(OUT, LINE)
    for _ in range(3000):
        shown += gate.feed(OUT, b"x" * 999 + b"\n")
        assert gate._held.size <= 1_001_000
    assert len(shown) == len(LINE) + 3_000_000
    assert gate.feed(OUT, b"Collecting x\n") == b""
    assert gate.wants_pause
    shown = b"".join(gate.feed(ERR, MSG + b"y" * 100_000) for _ in range(30))
    assert len(shown) >= 2_000_000
    assert gate._held.size <= 1_100_000


def test_gives_up_a_line_that_has_only_begun_and_shows_it_once() -> None:
    gate = Gate(hold_from_start=True)
    long = b"x" * 1_000_001 + b"\n"
    assert gate.feed(OUT, long + b"Colle") == long + b"Colle"
    assert gate.feed(OUT, b"cting x\n") == b""
    assert gate.wants_pause
    assert gate.resume() == ((OUT, b"cting x\n"),)


def test_a_line_that_has_begun_behind_a_sign_waits_with_it() -> None:
    gate = Gate(hold_from_start=True)
    assert gate.feed(BOTH, b"Collecting x\nERR") == b""
    assert gate.wants_pause
    assert gate.idle() == ()
    assert gate.resume() + gate.held() == ((BOTH, b"Collecting x\nERR"),)


PIECES = st.sampled_from(
    [
        LINE,
        LINE[:-1] + b"\r\n",
        b"  " + LINE,
        LOOKING,
        MSG,
        b"\x1b[31m" + MSG,
        b"\x1b[0m",
        b"\x1b[?25l",
        b"\x1b",
        b"Collecting x\n",
        b"Processing ./x\r\n",
        b"Coll",
        b"ERROR: Could not",
        b"User for x: ",
        b"\n",
        b"\r",
        b"\r\n",
        b"error: externally-managed-environment\n",
        b"\xff\xfe",
        LINE[:30],
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map(b"".join)


def cuts(text: bytes) -> st.SearchStrategy[list[bytes]]:
    points = st.lists(st.integers(0, len(text)), max_size=12).map(
        lambda numbers: [0, *sorted(numbers), len(text)]
    )
    return points.map(lambda at: [text[a:b] for a, b in itertools.pairwise(at)])


@pytest.mark.parametrize("at", range(7))
def test_an_escape_before_a_sequence_begins_none(at: int) -> None:
    text = b"\x1b\x1b[0m"
    gate = Gate()
    assert gate.feed(ERR, text[:at]) + gate.feed(ERR, text[at:]) == text


@given(st.data(), TEXTS, st.sampled_from(Stream), st.booleans())
def test_what_passes_does_not_depend_on_the_cut(
    data: st.DataObject, text: bytes, stream: Stream, start: bool
) -> None:
    whole, cut = Gate(hold_from_start=start), Gate(hold_from_start=start)
    shown = whole.feed(stream, text)
    pieces = b"".join(cut.feed(stream, piece) for piece in data.draw(cuts(text)))
    assert shown == pieces
    assert (whole.seen_line, whole.wants_pause) == (cut.seen_line, cut.wants_pause)
    end = whole.held()
    assert end == cut.held()
    assert shown + joined(end, stream) == text


@given(st.lists(st.tuples(st.sampled_from([OUT, ERR]), TEXTS), max_size=8))
def test_everything_comes_out_exactly_once(fed: list[tuple[Stream, bytes]]) -> None:
    gate = Gate()
    shown = [(stream, gate.feed(stream, data)) for stream, data in fed]
    pieces = (*shown, *gate.held())
    for stream in (OUT, ERR):
        assert joined(pieces, stream) == joined(tuple(fed), stream)
    assert gate._held.size == 0


ACTS = st.one_of(
    st.tuples(st.just("feed"), PIECES),
    st.tuples(st.sampled_from(["idle", "overdue"]), st.just(b"")),
)


@given(st.lists(ACTS, max_size=30), st.sampled_from([OUT, BOTH, ERR]), st.booleans())
def test_nothing_changes_its_place(
    acts: list[tuple[str, bytes]], stream: Stream, start: bool
) -> None:
    """Whatever the clock says, all bytes come, in order."""
    gate = Gate(hold_from_start=start)
    shown = fed = b""
    for act, data in acts:
        if act == "feed":
            fed += data
            shown += gate.feed(stream, data)
        else:
            shown += joined(getattr(gate, act)(), stream)
    shown += joined(gate.held(), stream)
    assert shown == fed
    assert gate._held.size == 0
