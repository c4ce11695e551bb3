"""From one placement to another: ordered copies and deletions, none of which loses a VM."""
