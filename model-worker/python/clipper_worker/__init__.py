"""Serves a Python model over the Open Inference Protocol.

    command_line ──▶ loading ──▶ sources.*            what the model is
                 ──▶ server ──▶ service ──▶ decoding ──▶ the model ──▶ answers ──▶ encoding
                 ──▶ lifetime                         when the worker ends

The command line is read before numpy is imported, because a budget of threads counts only from then on.
"""

__version__ = "0.1.0"
