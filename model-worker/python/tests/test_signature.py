from __future__ import annotations

import unittest

from clipper_worker import signature


class SignatureTest(unittest.TestCase):
    def test_a_short_form_is_one_vector(self) -> None:
        self.assertEqual("input:FP64[-1]", str(signature.parse("doubles")[0]))
        self.assertEqual("input:FP32[-1]", str(signature.parse("Floats")[0]))
        self.assertEqual("input:INT32[-1]", str(signature.parse("ints")[0]))
        self.assertEqual("input:UINT8[-1]", str(signature.parse("bytes")[0]))
        self.assertEqual("input:BYTES[1]", str(signature.parse("strings")[0]))

    def test_tensors_are_read_as_the_node_writes_them(self) -> None:
        specs = signature.parse("ids:INT64[-1],weight:FP64[],image:UINT8[-1, 3]")
        self.assertEqual(["ids:INT64[-1]", "weight:FP64[]", "image:UINT8[-1, 3]"], [str(spec) for spec in specs])

    def test_a_question_mark_is_an_optional_tensor(self) -> None:
        specs = signature.parse("x:FP32[2], mask:UINT8[-1]? ,tag:BYTES[1]?")
        self.assertEqual([False, True, True], [spec.optional for spec in specs])
        self.assertEqual(["x:FP32[2]", "mask:UINT8[-1]?", "tag:BYTES[1]?"], [str(spec) for spec in specs])

    def test_what_is_neither_is_refused(self) -> None:
        wrong = ("x:FP65[1]", "x:FP64[-2]", "x:FP64[1]y:FP64[1]", "x:FP64[1]??", "x:FP64[],x:FP64[]", "x:FP64[a]")
        for text in ("triples", *wrong, ","):
            with self.subTest(text), self.assertRaises(ValueError):
                signature.parse(text)
