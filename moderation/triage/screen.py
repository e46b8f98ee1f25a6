"""Which expressions can match a text at all, told from its words alone, so that few have to be tried.

From each alternative of a rule's `words` it is worked out which letters must stand in any text that it
matches: a list of conditions, each met by any one of several pieces. A piece is a whole word, a word's
beginning or end, or letters within one. What the expression leaves open asks for nothing, so the screen lets too much
through, never too little: findings are the same as if every rule had been tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from moderation.triage.rule import Rule, expand, standing_alone
from moderation.triage.text import Reading

CONDITIONS = 6
"""So many of an alternative's conditions are asked, the most telling first."""
PIECES = 64
"""Pieces that one condition is spelt out into; beyond that it is cut in two."""
REMEMBERED = 20_000
"""Words whose answer is kept ready. Full, it starts anew."""

_RUN = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_WHOLE, _STARTS, _ENDS, _WITHIN, _NUMBER = range(5)

Piece = tuple[int, str]
Condition = frozenset[Piece]


# What an expression asks for


def conditions(pattern: str) -> list[Condition]:
    """What every text that the expression matches holds, by whole or half words; [] where nothing is sure."""
    return _conditions(list(_parser.parse(pattern)), starts=True, ends=True)


def _conditions(nodes: list[Any], *, starts: bool, ends: bool) -> list[Condition]:
    """Of nodes in a row. starts: no letter or digit can stand before them; ends: nor behind them."""
    found: list[Condition] = []
    nodes = _flat(nodes)
    spelt: frozenset[str] = frozenset({""})
    apart = starts
    for at, node in enumerate(nodes):
        pieces = _spelt([node])
        if pieces is not None and len(longer := _joined(spelt, pieces)) <= PIECES:
            spelt = longer
            continue
        if spelt != {""}:
            _add(found, spelt, apart, _begins_apart(nodes[at:], ends))
            apart, spelt = False, frozenset({""})
        if pieces is not None:
            spelt = pieces
            continue
        op, value = node
        if op is sre.BRANCH:
            behind = _begins_apart(nodes[at + 1 :], ends)
            best = [_best(_conditions(list(one), starts=apart, ends=behind)) for one in value[1]]
            if all(one is not None for one in best):
                found.append(frozenset().union(*best))  # type: ignore[arg-type]
            apart = all(_ends_apart(list(one), apart) for one in value[1])
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, _, inner = value
            if least:
                found += _conditions(list(inner), starts=False, ends=False)
            apart = _ends_apart([node], apart)
        elif op not in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
            if op is sre.IN and all(_is_digit(one) for one in value):
                found.append(frozenset({(_NUMBER, "")}))
            apart = _is_space(node)
    if spelt != {""}:
        _add(found, spelt, apart, ends)
    return found


def _flat(nodes: Sequence[Any]) -> list[Any]:
    flat: list[Any] = []
    for op, value in nodes:
        if op is sre.SUBPATTERN and not value[1] and not value[2]:
            flat += _flat(list(value[3]))
        elif op is sre.ATOMIC_GROUP:
            flat += _flat(list(value))
        else:
            flat.append((op, value))
    return flat


def _spelt(nodes: Sequence[Any]) -> frozenset[str] | None:
    """Everything that the nodes match, where that is a handful of texts without a space; else None."""
    spelt: frozenset[str] = frozenset({""})
    for op, value in _flat(nodes):
        if op is sre.LITERAL and not chr(value).isspace():
            pieces: frozenset[str] | None = frozenset({chr(value)})
        elif op is sre.IN and all(kind is sre.LITERAL and not chr(one).isspace() for kind, one in value):
            pieces = frozenset(chr(one) for _, one in value)
        elif op is sre.BRANCH:
            parts = [_spelt(list(one)) for one in value[1]]
            pieces = None if None in parts else frozenset().union(*parts)  # type: ignore[arg-type]
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and value[:2] in ((0, 1), (1, 1)):
            pieces = _spelt(list(value[2]))
            if pieces is not None and value[0] == 0:
                pieces |= {""}
        else:
            pieces = None
        if pieces is None or len(spelt := _joined(spelt, pieces)) > PIECES:
            return None
    return spelt


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    return frozenset(one + other for one in left for other in right)


def _add(found: list[Condition], spelt: frozenset[str], starts: bool, ends: bool) -> None:
    if "" in spelt:
        return
    kind = _WHOLE if starts and ends else _STARTS if starts else _ENDS if ends else _WITHIN
    found.append(frozenset((kind if _RUN.fullmatch(one) else _WITHIN, one) for one in spelt))


def _best(found: list[Condition]) -> Condition | None:
    return min(found, key=_weight) if found else None


_FREQUENT = frozenset(
    "the and you for that are was with this have they not what all your there she just about from out get will has "
    "can who when would how been were any one but him her his had did does into like know got then them here some "
    "their our its over only now why where it is in to of my me we us he do on at be so if or as up an no go by am".split()
)


def _weight(condition: Condition) -> float:
    """How many texts meet it, as a guess: common words, short pieces and loose ones are met by many."""
    weight = 0.0
    for kind, piece in condition:
        if kind == _NUMBER:
            weight += 20
        elif kind == _WHOLE:
            weight += 50 if piece in _FREQUENT else 1 + 8 / len(piece)
        else:
            weight += 200 / len(piece) ** 2
    return weight


def _is_digit(member: Any) -> bool:
    kind, value = member
    if kind is sre.RANGE:
        return chr(value[0]).isdecimal() and chr(value[1]).isdecimal() and value[1] < 128
    return (kind is sre.CATEGORY and value is sre.CATEGORY_DIGIT) or (
        kind is sre.LITERAL and chr(value).isdecimal()
    )


def _is_space(node: Any) -> bool:
    return node[0] is sre.LITERAL and chr(node[1]).isspace()


def _begins_apart(nodes: Sequence[Any], after: bool) -> bool:
    """Neither letter nor digit can stand where the nodes begin. after: so it is behind them."""
    nodes = _flat(nodes)
    if not nodes:
        return after
    (op, value), rest = nodes[0], nodes[1:]
    if op is sre.LITERAL:
        return chr(value).isspace()
    if op is sre.BRANCH:
        return all(_begins_apart([*one, *rest], after) for one in value[1])
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _begins_apart([*value[2], (sre.ANY, None)], False) and (
            value[0] > 0 or _begins_apart(rest, after)
        )
    if op is sre.ASSERT and value[0] == 1:
        return _begins_apart(list(value[1]), False) or _begins_apart(rest, after)
    if op is sre.ASSERT_NOT:
        return _begins_apart(rest, after)
    return op is sre.AT and value is sre.AT_END


def _ends_apart(nodes: Sequence[Any], before: bool) -> bool:
    """Neither letter nor digit can stand where the nodes end. before: so it is in front of them."""
    nodes = _flat(nodes)
    if not nodes:
        return before
    (op, value), rest = nodes[-1], nodes[:-1]
    if op is sre.LITERAL:
        return chr(value).isspace()
    if op is sre.BRANCH:
        return all(_ends_apart([*rest, *one], before) for one in value[1])
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _ends_apart([(sre.ANY, None), *value[2]], False) and (
            value[0] > 0 or _ends_apart(rest, before)
        )
    return False


# Trying only what can match


class Screen:
    """A list of rules with what their expressions ask for, ready to be tried on one text after the other."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._alternatives: list[str | re.Pattern[str]] = []
        """Each compiled when it is first tried."""
        self._of_rule: list[int] = []
        """Per rule: the bits of its alternatives; 0 where it has to be tried as it is."""
        asked: list[list[Condition]] = []
        for rule in self.rules:
            alternatives = _alternatives(rule)
            bits = ((1 << len(alternatives)) - 1) << len(asked)
            self._of_rule.append(bits)
            for pattern, needs in alternatives:
                self._alternatives.append(pattern)
                asked.append(sorted(needs, key=_weight)[:CONDITIONS])
        self._index(asked)

    def _index(self, asked: list[list[Condition]]) -> None:
        self._free = [
            sum(1 << n for n, needs in enumerate(asked) if len(needs) <= place) for place in range(CONDITIONS)
        ]
        self._pieces: list[dict[str, list[int]]] = [{}, {}, {}, {}, {}]
        for n, needs in enumerate(asked):
            for place, condition in enumerate(needs):
                for kind, piece in condition:
                    met = self._pieces[kind].setdefault(piece, [0] * CONDITIONS)
                    met[place] |= 1 << n
        self._longest = [max(map(len, pieces), default=0) for pieces in self._pieces]
        self._nothing = (0,) * CONDITIONS
        self._known: dict[str, tuple[int, ...]] = {}

    def _candidates(self, window: str) -> int:
        """The alternatives, as bits, that can match somewhere in the window."""
        one, two, three, four, five, six = self._free
        known = self._known
        for token in set(window.split()):
            met = known.get(token)
            if met is None:
                met = self._met(token)
            if met is not self._nothing:
                a, b, c, d, e, f = met
                one |= a
                two |= b
                three |= c
                four |= d
                five |= e
                six |= f
        return one & two & three & four & five & six

    def _met(self, token: str) -> tuple[int, ...]:
        """Per place: the alternatives of which that condition is met by this token."""
        whole, starts, ends, within, number = self._pieces
        met: list[list[int]] = [hit for piece, hit in within.items() if piece in token]
        if number and _DIGIT.search(token):
            met += number.values()
        for run in _RUN.findall(token):
            if run in whole:
                met.append(whole[run])
            met += [
                starts[run[:n]]
                for n in range(1, min(len(run), self._longest[_STARTS]) + 1)
                if run[:n] in starts
            ]
            met += [
                ends[run[-n:]] for n in range(1, min(len(run), self._longest[_ENDS]) + 1) if run[-n:] in ends
            ]
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        if not met:
            answer = self._nothing
        else:
            joined = [0] * CONDITIONS
            for hit in met:
                joined = [bits | more for bits, more in zip(joined, hit, strict=True)]
            answer = tuple(joined)
        if len(token) <= 40:
            self._known[token] = answer
        return answer

    def to_try(self, reading: Reading) -> Iterator[tuple[int, Rule]]:
        """The rules, in their order, that may find something, each with its place in the list."""
        try:
            possible = self._possible(reading)
        except Exception:  # what cannot even be read is for each rule to answer for
            yield from enumerate(self.rules)
            return
        anywhere = 0
        for bits in possible:
            anywhere |= bits
        for number, bits in enumerate(self._of_rule):
            if not bits or anywhere & bits:
                yield number, self.rules[number]

    def matches(self, rule_number: int, reading: Reading) -> str | None:
        """What `Rule.matches` of that rule answers, sooner."""
        rule, bits = self.rules[rule_number], self._of_rule[rule_number]
        if not bits:
            return rule.matches(reading)
        for window, possible in zip(reading.windows, self._possible(reading), strict=True):
            if possible & bits:
                found = rule.first(window, self._matches(possible & bits, window))
                if found is not None:
                    return found
        return None

    def _possible(self, reading: Reading) -> list[int]:
        return reading.once(self, lambda read: [self._candidates(window) for window in read.windows])

    def _matches(self, bits: int, window: str) -> Iterator[re.Match[str]]:
        """As one expression of these alternatives would find them: the earliest, and of those the first named."""
        patterns = []
        while bits:
            lowest = bits & -bits
            number = lowest.bit_length() - 1
            pattern = self._alternatives[number]
            if isinstance(pattern, str):
                pattern = self._alternatives[number] = standing_alone(pattern)
            patterns.append(pattern)
            bits ^= lowest
        if len(patterns) == 1:
            yield from patterns[0].finditer(window)
            return
        ahead = [(match, pattern) for pattern in patterns if (match := pattern.search(window))]
        while ahead:
            first = min((match for match, _ in ahead), key=lambda match: match.start())
            yield first
            end = first.end()
            ahead = [
                (match, pattern)
                for was, pattern in ahead
                if (match := was if was.start() >= end else pattern.search(window, end))
            ]


def _alternatives(rule: Rule) -> list[tuple[str, list[Condition]]]:
    """Each alternative of a rule's words with what it asks for; [] where the rule has to be tried as it is."""
    if rule.test is not None:
        return []
    found = []
    for words in rule.words:
        try:
            branches = _branches(expand(words))
            for branch in branches:
                parsed = _parser.parse(branch)
                if parsed.getwidth()[0] == 0 or parsed.state.flags & re.IGNORECASE:
                    return []
                found.append((branch, _conditions(list(parsed), starts=True, ends=True)))
        except (re.error, KeyError):
            return []
    return found


def _branches(pattern: str) -> list[str]:
    """The expression cut at the bars that stand outside every bracket, or within one around the whole."""
    parts, depth, start, at = [], 0, 0, 0
    closed = -1
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            at = pattern.index("]", at + 2)
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            closed = at if depth == 0 and closed < 0 else closed
        elif sign == "|" and depth == 0:
            parts.append(pattern[start:at])
            start = at + 1
        at += 1
    if not parts and closed == len(pattern) - 1 and pattern.startswith("(?:"):
        return _branches(pattern[3:-1])
    return [part for one in [*parts, pattern[start:]] for part in (_branches(one) if parts else [one])]
