"""``python -m examples.controller CLUSTER FOLDER``: the controller, on a stand-in."""

from examples.controller.controller import main

main()
