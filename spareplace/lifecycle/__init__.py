"""What is built on plans: moves, registrations, recoveries, and protection after them."""
