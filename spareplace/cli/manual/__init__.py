"""What the help of each command says after its options."""
