"""What every act costs on chain, beside OpenZeppelin's Governor on the same chain."""
