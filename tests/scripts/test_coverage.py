"""Coverage: contracts/ alone, branch by branch, and red when the report is empty or short."""

from scripts.coverage import Covered, gaps, judge, percent, read

# As forge 1.7.1 writes it; a source occurs once for each contract that inherits it.
LCOV = """\
TN:
SF:contracts/modules/Outcome.sol
DA:20,5
FN:20,Outcome.passes
FNDA:5,Outcome.passes
DA:21,0
BRDA:20,0,0,4
BRDA:20,0,1,-
BRF:2
BRH:1
end_of_record
TN:
SF:tests/forge/CoopTest.sol
DA:1,9
BRDA:1,0,0,9
end_of_record
SF:contracts/modules/Outcome.sol
DA:20,1
BRDA:20,0,1,2
end_of_record
"""
OUTCOME = "contracts/modules/Outcome.sol"


def test_tests_are_not_counted_and_what_is_inherited_is_counted_once() -> None:
    covered = read(LCOV)

    assert list(covered) == [OUTCOME]
    assert covered[OUTCOME].lines == {20: 6, 21: 0}
    assert covered[OUTCOME].branches == {(20, "0", "0"): 4, (20, "0", "1"): 2}
    assert percent(covered[OUTCOME].lines) == 50
    assert gaps(covered[OUTCOME]) == ["21: line never run"]


def test_all_branches_taken_is_green() -> None:
    assert judge(read(LCOV), [OUTCOME]) == []


def test_less_than_98_of_100_branches_is_red() -> None:
    def taken(count: int) -> dict[str, Covered]:
        branches = {(1, "0", str(each)): int(each < count) for each in range(100)}
        return {OUTCOME: Covered(branches=branches)}

    assert judge(taken(98), [OUTCOME]) == []
    assert len(judge(taken(97), [OUTCOME])) == 1


def test_an_empty_report_and_a_source_missing_from_it_are_red() -> None:
    assert len(judge({}, [OUTCOME])) == 2
    assert len(judge(read(LCOV), [OUTCOME, "contracts/Assembly.sol"])) == 1
