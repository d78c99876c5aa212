"""A conformance kit for servers of the Open Inference Protocol, version 2."""
