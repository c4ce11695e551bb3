"""Bytes and amounts: nothing is lost when they are read."""

from __future__ import annotations

import re
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spareplace.units import (
    UNITS,
    canonical,
    exact_amount,
    exact_weight,
    format_bytes,
    parse_amount,
    parse_bytes,
)

FACTORS = {
    "B": 1,
    "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15, "EB": 10**18,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50, "EiB": 2**60,
}  # fmt: skip

NOT_AMOUNTS = [
    "", "40", "GB", "-1GB", "+1GB", "1e3GB", "1.GB", ".5GB", "1,5GB", "1_0GB", "0x10B", "40gb",
    "40 Gb", "40kiB", "40GBs", "40GB/s", "4 0GB", "infGB", "NaNB", "٤٠GB", "40\u00a0GB",
    "1" * 41 + "B", "1." + "1" * 41 + "B",
]  # fmt: skip

digits = st.text("0123456789", min_size=1, max_size=40)
numbers = st.builds("{}.{}".format, digits, digits) | digits


def test_the_units_are_powers_of_1000_and_of_1024() -> None:
    assert UNITS == FACTORS


@pytest.mark.parametrize("text", ["40GB", "40 GB", " 40GB ", "40.0GB", "0.04TB", "40000000000B"])
def test_an_amount_may_have_spaces_and_decimals(text: str) -> None:
    assert parse_amount(text) == 40 * 10**9
    assert parse_bytes(text) == 40 * 10**9


@given(numbers, st.sampled_from(sorted(FACTORS)))
def test_an_amount_with_a_unit_is_read_to_the_last_digit(number: str, unit: str) -> None:
    assert Fraction(parse_amount(f"{number}{unit}")) == Fraction(number) * FACTORS[unit]


@given(numbers, st.sampled_from(sorted(FACTORS)))
def test_a_size_is_read_exactly_when_it_is_whole_bytes(number: str, unit: str) -> None:
    size = Fraction(number) * FACTORS[unit]
    if size.denominator == 1:
        assert parse_bytes(f"{number}{unit}") == size
    else:
        with pytest.raises(ValueError, match="not a whole number"):
            parse_bytes(f"{number}{unit}")


@pytest.mark.parametrize("text", NOT_AMOUNTS)
def test_what_is_no_amount_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number with a unit such as 40GB or 40GiB"):
        parse_amount(text)
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_bytes(text)


def test_half_a_byte_is_refused_with_what_it_is() -> None:
    with pytest.raises(ValueError, match=r"'0.0005kB' is 0.5 bytes, not a whole number of them"):
        parse_bytes("0.0005kB")


def test_decimals_add_up() -> None:
    assert exact_amount(0.1) + exact_amount(0.2) == exact_amount(0.3)


@given(st.floats(0, 2**53))
def test_a_float_becomes_the_decimal_that_it_is_written_as(number: float) -> None:
    written = Decimal(repr(number))
    exponent = written.as_tuple().exponent
    assume(isinstance(exponent, int) and exponent >= -30)
    assert exact_amount(number) == written
    assert float(exact_amount(number)) == number


@pytest.mark.parametrize("number", [0, 2**53, 1e-30, Decimal("1E-30"), Decimal("0E-99"), -0.0])
def test_the_ends_of_the_range_are_amounts(number: float | Decimal) -> None:
    assert exact_amount(number) == Decimal(str(number))


@pytest.mark.parametrize(
    "number",
    [-1, -1e-30, 2**53 + 1, float("inf"), float("nan"), Decimal("-Infinity"), Decimal("sNaN")],
)
def test_what_is_out_of_range_is_refused(number: float | Decimal) -> None:
    with pytest.raises(ValueError, match=r"is not a finite number from 0 to 2\^53"):
        exact_amount(number)


def test_more_digits_than_any_meter_gives_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 30 decimals"):
        exact_amount(Decimal("1E-31"))


@pytest.mark.parametrize("number", [None, [], {}, object(), Fraction(1, 2), (0, (1, 2), 0)])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        exact_amount(number)


def test_a_numpy_float_is_taken_for_the_decimal_that_it_shows() -> None:
    assert exact_amount(np.float64(0.1)) == Decimal("0.1")


@given(
    st.integers(0, 10**60), st.integers(-60, 20), st.booleans(), st.integers(0, 30)
)  # digits, exponent, sign, zeros to add
def test_one_value_is_written_in_one_way(
    number: int, exponent: int, negative: bool, zeros: int
) -> None:
    figures = tuple(int(digit) for digit in str(number))
    one = Decimal((negative, figures, exponent))
    other = Decimal((negative, figures + (0,) * zeros, exponent - zeros))
    assert canonical(one).as_tuple() == canonical(other).as_tuple()
    assert Fraction(canonical(one)) == Fraction(one)


def test_zero_has_no_sign() -> None:
    assert str(canonical(Decimal("-0.00"))) == "0"


@pytest.mark.parametrize("number", ["Infinity", "NaN"])
def test_only_finite_amounts_are_canonical(number: str) -> None:
    with pytest.raises(ValueError, match="not finite"):
        canonical(Decimal(number))


def test_amounts_do_not_depend_on_the_context_of_the_caller() -> None:
    with localcontext(Context(prec=2)):
        read = parse_amount("1.23456789012345678901234567890123456789GB")
        written = exact_amount(123456.789)
    assert str(read) == "1234567890.12345678901234567890123456789"
    assert str(written) == "123456.789"


@pytest.mark.parametrize(
    ("weight", "exact"), [(0.1, Fraction(1, 10)), (1, Fraction(1)), (1e-300, Fraction(1, 10**300))]
)
def test_a_weight_is_the_fraction_that_it_is_written_as(weight: float, exact: Fraction) -> None:
    assert exact_weight(weight) == exact


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1023, "1.02 kB"),
        (27_500_000_000, "27.5 GB"),
        (40 * 2**30, "42.9 GB"),
        (9_994_000, "9.99 MB"),
        (9_996_000, "10 MB"),
        (99_960_000, "100 MB"),
        (999_400_000, "999 MB"),
        (999_600_000, "1 GB"),  # 999.6 MB has no form of three digits that is below 1000 MB
        (999_999_999, "1 GB"),
        (123 * 10**18, "123000 PB"),
        (Fraction(5, 2), "2.5 B"),
    ],
)
def test_bytes_are_shown_with_three_digits_that_matter(count: float | Fraction, shown: str) -> None:
    assert format_bytes(count) == shown


@given(st.integers(1, 10**17))
def test_what_is_shown_is_near_what_there_is(count: int) -> None:
    number, unit = format_bytes(count).split()
    assert re.fullmatch(r"\d{1,3}|\d\d?\.\d{1,2}", number)
    assert float(number) * FACTORS[unit] == pytest.approx(count, rel=0.00501)
