"""The paper's methods: fast, deterministic, without proof."""
