package io.clipper.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureTest {
  private static final Signature TWO =
      new Signature(List.of(new TensorSpec("image", Datatype.FP32, List.of(-1L, 2L)), new TensorSpec("name", Datatype.BYTES, List.of())));

  private static final TensorSpec X = new TensorSpec("x", Datatype.FP32, List.of(2L));
  private static final TensorSpec MASK = new TensorSpec("mask", Datatype.INT32, List.of(2L));
  private static final Signature MASKED = new Signature(List.of(X, MASK.asOptional()));

  @Test
  void theShortFormsAreOneTensorOfOneDimension() {
    for (InputType type : InputType.values()) {
      assertThat(Signature.named(type.canonicalName()).shortForm()).hasValue(type);
      assertThat(Signature.named(type.canonicalName()).describe()).isEqualTo(type.canonicalName());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signature.named("numbers"))
        .withMessage("input type 'numbers' is not one of bytes, integers, floats, doubles, strings");
  }

  @Test
  void anOnlyTensorFitsWhateverItsName() {
    Signature doubles = Signature.named("doubles");

    doubles.check(Input.doubles(1, 2, 3));
    doubles.check(new Input(List.of(new NamedTensor("pixels", Tensor.ofDoubles(1)))));
  }

  @Test
  void whatIsWrongWithATensorIsNamed() {
    assertRefused(Signature.named("doubles"), Input.of(Tensor.ofInts(1)), "input 'input' is INT32, not FP64");
    assertRefused(Signature.named("strings"), Input.of(Tensor.ofStrings("a", "b")), "input 'input' has shape [2], expected [1]");
    assertRefused(TWO, two(Tensor.ofFloats(1, 2, 3)), "input 'image' has shape [3], expected [-1, 2]");
    assertRefused(TWO, two(Tensor.ofFloats(1, 2, 3).reshaped(1, 3)), "input 'image' has shape [1, 3], expected [-1, 2]");
    TWO.check(two(Tensor.ofFloats(1, 2, 3, 4).reshaped(2, 2)));
  }

  @Test
  void tensorsThatAreMissingOrTooManyAreRefused() {
    NamedTensor image = new NamedTensor("image", Tensor.ofFloats(1, 2).reshaped(1, 2));
    NamedTensor name = new NamedTensor("name", Tensor.ofStrings("a").reshaped());

    assertRefused(TWO, new Input(List.of(image)), "input 'name' is missing");
    assertRefused(TWO, new Input(List.of(image, name, name)), "3 tensors given, expected 2");
    assertRefused(Signature.named("doubles"), new Input(List.of(image, name)), "input 'input' is missing");
  }

  @Test
  void aTensorIsNamedOnceAndASignatureHasOne() {
    TensorSpec spec = new TensorSpec("x", Datatype.FP32, List.of());

    assertThatIllegalArgumentException().isThrownBy(() -> new Signature(List.of(spec, spec))).withMessage("tensor 'x' is named twice");
    assertThatIllegalArgumentException().isThrownBy(() -> new Signature(List.of())).withMessage("a signature has at least one tensor");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TensorSpec("x", Datatype.FP32, List.of(-2L)))
        .withMessage("shape [-2] of 'x' has an extent below -1");
  }

  @Test
  void signaturesAgreeWhereSomeInputFitsBoth() {
    assertThat(one("x", Datatype.FP64, -1L).agreesWith(one("y", Datatype.FP64, 64L))).isTrue();
    assertThat(one("x", Datatype.FP64, 64L).agreesWith(one("x", Datatype.FP64, 63L))).isFalse();
    assertThat(one("x", Datatype.FP64, 64L).agreesWith(one("x", Datatype.FP32, 64L))).isFalse();
    assertThat(one("x", Datatype.FP64, 64L).agreesWith(one("x", Datatype.FP64, 8L, 8L))).isFalse();
    assertThat(TWO.agreesWith(new Signature(TWO.tensors().reversed()))).isTrue();
    assertThat(TWO.agreesWith(one("image", Datatype.FP32, -1L, 2L))).isFalse();
  }

  @Test
  void whatIsNoShortFormIsDescribedTensorByTensor() {
    assertThat(TWO.describe()).isEqualTo("image:FP32[-1, 2],name:BYTES[]");
  }

  @Test
  void anOptionalTensorMayBeMissingAndIsCheckedWhereItIsGiven() {
    NamedTensor x = new NamedTensor("x", Tensor.ofFloats(1, 2));
    NamedTensor mask = new NamedTensor("mask", Tensor.ofInts(1, 0));

    MASKED.check(new Input(List.of(x)));
    MASKED.check(new Input(List.of(mask, x)));
    assertRefused(MASKED, new Input(List.of(mask)), "input 'x' is missing");
    assertRefused(MASKED, new Input(List.of(x, new NamedTensor("mask", Tensor.ofInts(1)))), "input 'mask' has shape [1], expected [2]");
    assertRefused(MASKED, new Input(List.of(x, new NamedTensor("musk", Tensor.ofInts(1, 0)))), "2 tensors given, expected 1");
    assertThat(MASKED.describe()).isEqualTo("x:FP32[2],mask:INT32[2]?");
  }

  @Test
  void aModelNeedsNoMoreThanItsApplicationsQueriesHaveAndTakesAllOfIt() {
    Signature required = new Signature(List.of(X, MASK));
    Signature without = new Signature(List.of(X));

    assertThat(MASKED.agreesWith(MASKED)).isTrue();
    assertThat(MASKED.agreesWith(required)).isTrue();
    assertThat(MASKED.agreesWith(without)).isTrue();
    assertThat(required.agreesWith(MASKED)).isFalse();
    assertThat(required.agreesWith(without)).isFalse();
    assertThat(without.agreesWith(MASKED)).isFalse();
  }

  @Test
  void aValueWithoutANameIsTheOnlyTensorThatEveryInputHas() {
    assertThat(MASKED.unnamed()).hasValue(X);
    assertThat(new Signature(List.of(MASK.asOptional())).unnamed()).hasValue(MASK.asOptional());
    assertThat(TWO.unnamed()).isEmpty();
    assertThat(one("x", Datatype.FP64, -1L).shortForm()).isPresent();
    assertThat(new Signature(List.of(new TensorSpec("x", Datatype.FP64, List.of(-1L), true))).shortForm()).isEmpty();
  }

  private static Signature one(String name, Datatype datatype, Long... shape) {
    return new Signature(List.of(new TensorSpec(name, datatype, List.of(shape))));
  }

  private static Input two(Tensor image) {
    return new Input(List.of(new NamedTensor("image", image), new NamedTensor("name", Tensor.ofStrings("a").reshaped())));
  }

  private static void assertRefused(Signature signature, Input input, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> signature.check(input)).withMessage(message);
  }
}
