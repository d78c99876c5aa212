package io.clipper.wire;

import io.clipper.Refused;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;

/** The values that all messages share. */
final class ModelForms {
  /** In the byte of a tensor's datatype: an input may lack it. */
  private static final int OPTIONAL = 0x40;

  private ModelForms() {}

  static void refused(WireOutput out, Refused refused) {
    refused(out, refused, refused.reason());
  }

  static void refusedAsTheFirstHasIt(WireOutput out, Refused refused) {
    refused(out, refused, asKnownToTheFirst(refused.reason()));
  }

  private static void refused(WireOutput out, Refused refused, Refused.Reason reason) {
    out.choice(reason);
    out.text(String.valueOf(refused.getMessage()));
  }

  static Refused refused(WireInput in) {
    return new Refused(in.choice(Refused.Reason.values()), in.text());
  }

  /** To a release that does not know that a request may be too large, it is wrong. */
  static Refused.Reason asKnownToTheFirst(Refused.Reason reason) {
    return reason == Refused.Reason.TOO_LARGE ? Refused.Reason.INVALID : reason;
  }

  static void model(WireOutput out, ModelId id) {
    out.text(id.name());
    out.text(id.version());
  }

  static ModelId model(WireInput in) {
    return new ModelId(in.text(), in.text());
  }

  static void input(WireOutput out, Input input) {
    out.list(input.tensors(), ModelForms::named);
  }

  static Input input(WireInput in) {
    return new Input(in.list(ModelForms::named));
  }

  static void output(WireOutput out, Output output) {
    out.list(output.tensors(), ModelForms::named);
    out.optional(output.probabilities(), ModelForms::probabilities);
  }

  static Output output(WireInput in) {
    return new Output(in.list(ModelForms::named), in.optional(ModelForms::probabilities));
  }

  static void signature(WireOutput out, Signature signature) {
    out.list(
        signature.tensors(),
        (to, spec) -> {
          to.text(spec.name());
          to.flaggedChoice(spec.datatype(), spec.optional() ? OPTIONAL : 0);
          to.list(spec.shape(), WireOutput::number);
        });
  }

  static Signature signature(WireInput in) {
    return new Signature(in.list(ModelForms::tensorSpec));
  }

  private static TensorSpec tensorSpec(WireInput in) {
    String name = in.text();
    int flagged = in.readByte();
    Datatype datatype = WireInput.constant(Datatype.values(), flagged & ~OPTIONAL);
    return new TensorSpec(name, datatype, in.list(WireInput::number), (flagged & OPTIONAL) != 0);
  }

  private static void named(WireOutput out, NamedTensor named) {
    out.text(named.name());
    tensor(out, named.tensor());
  }

  private static NamedTensor named(WireInput in) {
    return new NamedTensor(in.text(), tensor(in));
  }

  /** Its elements are one block, copied once on either side. */
  private static void tensor(WireOutput out, Tensor tensor) {
    long[] shape = tensor.shape();
    out.choice(tensor.datatype());
    out.count(shape.length);
    for (long extent : shape) {
      out.longCount(extent);
    }
    out.block(tensor.bytes());
  }

  private static Tensor tensor(WireInput in) {
    Datatype datatype = in.choice(Datatype.values());
    return Tensor.wrap(datatype, in.longCounts(), in.block());
  }

  private static void probabilities(WireOutput out, ClassProbabilities probabilities) {
    out.list(probabilities.classes(), WireOutput::text);
    for (int i = 0; i < probabilities.size(); i++) {
      out.writeDouble(probabilities.at(i));
    }
  }

  private static ClassProbabilities probabilities(WireInput in) {
    var classes = in.list(WireInput::text);
    double[] values = new double[classes.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readDouble();
    }
    return new ClassProbabilities(classes, values);
  }
}
