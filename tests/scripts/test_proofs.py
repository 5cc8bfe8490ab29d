"""Proofs: which ones the sources contain, and what halmos's answer means for each of them."""

from pathlib import Path

from scripts.proofs import Proof, judged, written

CAPTURED = Path(__file__).parent / "captured"
COMMUTES = "a_sum_commutes"


def captured(name: str) -> str:
    return (CAPTURED / name).read_text(encoding="utf-8")


def test_proofs_are_counted_in_the_sources_not_in_what_was_run() -> None:
    proofs = (
        "contract A {\n    function check_one(uint8 a) external {}\n function check_two() external"
    )

    assert written({"B": "contract B {}", "A": proofs}) == {"A": ["one", "two"]}


def test_what_holds_for_every_input_is_proven() -> None:
    assert judged([COMMUTES], captured("halmos.txt")) == [Proof(COMMUTES, "proven", 0.18)]


def test_a_counterexample_refutes() -> None:
    assert judged(["a_sum_is_small"], captured("halmos-red.txt")) == [
        Proof("a_sum_is_small", "refuted", 0.41)
    ]


def test_a_solver_out_of_time_and_a_loop_cut_short_prove_nothing() -> None:
    late = captured("halmos.txt").replace("PASS", "TIMEOUT")
    cut = captured("halmos.txt").replace("bounds: []", "bounds: [check_a_sum_commutes()]")

    assert [proof.verdict for proof in judged([COMMUTES], late)] == ["gave up"]
    assert [proof.verdict for proof in judged([COMMUTES], cut)] == ["gave up"]


def test_a_statement_that_halmos_did_not_come_to_was_given_up() -> None:
    assert judged([COMMUTES, "more"], captured("halmos.txt"))[1] == Proof("more", "gave up")
    assert judged([COMMUTES], "") == [Proof(COMMUTES, "gave up")]
