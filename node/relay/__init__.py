"""The relayer: takes signed ballots of anybody over HTTP and brings them to the chain in batches.

It can neither forge nor change a ballot, and its signed promise shows if it hides one.
"""
