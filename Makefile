# Short names for scripts/. Options go in ARGS: make test ARGS="-k receipt", make demo ARGS=--fast

.PHONY: install demo test check lint compile devnet bench-gas bench-index bench-audit bench-relay assure soak

install:
	@scripts/install

demo test check lint compile devnet bench-gas bench-index bench-audit bench-relay assure soak: install
	@scripts/$@ $(ARGS)
