"""What a node says, proven from hashes alone: headers, state, receipts. Values in, values out.

Trust begins with a block's hash: `headers` opens it into the header's roots, `state` and `receipts`
open the roots into words and logs. Whatever a node merely claims beside its proofs is ignored.
"""
