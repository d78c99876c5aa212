package io.clipper.gateway.oip;

import io.clipper.gateway.oip.Statistics.Took;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.oip.protocol.DataType;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.InferStatistics;
import io.clipper.model.runtime.oip.protocol.ModelConfig;
import io.clipper.model.runtime.oip.protocol.ModelDynamicBatching;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelInput;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse.TensorMetadata;
import io.clipper.model.runtime.oip.protocol.ModelOutput;
import io.clipper.model.runtime.oip.protocol.ModelStatistics;
import io.clipper.model.runtime.oip.protocol.RepositoryIndexResponse;
import io.clipper.model.runtime.oip.protocol.StatisticDuration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The protocol's gRPC messages from and to what both doors share. */
final class GrpcMessages {
  private GrpcMessages() {}

  static boolean isRaw(ModelInferRequest message) {
    return message.getRawInputContentsCount() > 0;
  }

  /** Throws {@link Fault}. */
  static InferRequest request(ModelInferRequest message) {
    List<WireTensor> inputs = new ArrayList<>(message.getInputsCount());
    boolean raw = isRaw(message);
    if (raw && message.getRawInputContentsCount() != message.getInputsCount()) {
      throw Fault.invalid("there are %d raw_input_contents for %d inputs", message.getRawInputContentsCount(), message.getInputsCount());
    }
    for (int i = 0; i < message.getInputsCount(); i++) {
      ModelInferRequest.InferInputTensor input = message.getInputs(i);
      if (input.containsParameters("shared_memory_region")) {
        throw new Fault(Fault.Kind.UNSUPPORTED, "input '%s' is in shared memory, which this server does not have".formatted(input.getName()));
      }
      if (raw && input.hasContents()) {
        throw Fault.invalid("contents field must not be specified when using raw_input_contents for input '%s'", input.getName());
      }
      inputs.add(raw ? GrpcTensors.raw(input, message.getRawInputContents(i)) : GrpcTensors.typed(input));
    }
    return new InferRequest(
        message.getModelName(),
        message.getModelVersion(),
        message.getId(),
        parameters(message.getParametersMap()),
        inputs,
        message.getOutputsList().stream().map(output -> RequestedOutput.of(output.getName(), parameters(output.getParametersMap()), false)).toList());
  }

  /** @param raw whether the request was raw: the answer is like it, and always where FP16 or BF16 is in it */
  static ModelInferResponse response(InferResponse response, boolean raw) {
    boolean allRaw = raw || response.outputs().stream().anyMatch(output -> !GrpcTensors.hasContents(output.datatype()));
    ModelInferResponse.Builder message =
        ModelInferResponse.newBuilder().setModelName(response.model()).setModelVersion(response.version()).setId(response.id());
    response.parameters().forEach((name, parameter) -> message.putParameters(name, parameter(parameter)));
    for (WireTensor output : response.outputs()) {
      ModelInferResponse.InferOutputTensor.Builder tensor =
          ModelInferResponse.InferOutputTensor.newBuilder().setName(output.name()).setDatatype(output.datatype().name()).addAllShape(output.shape());
      if (allRaw) {
        message.addRawOutputContents(GrpcTensors.raw(output));
      } else {
        tensor.setContents(GrpcTensors.typed(output));
      }
      message.addOutputs(tensor);
    }
    return message.build();
  }

  static ModelMetadataResponse metadata(Description description) {
    return ModelMetadataResponse.newBuilder()
        .setName(description.name())
        .addAllVersions(description.versions())
        .setPlatform(description.platform())
        .addAllInputs(description.inputs().stream().map(GrpcMessages::tensor).toList())
        .addAllOutputs(description.outputs().stream().map(GrpcMessages::tensor).toList())
        .build();
  }

  static ModelConfig config(Description description) {
    ModelConfig.Builder config =
        ModelConfig.newBuilder()
            .setName(description.name())
            .setPlatform(description.platform())
            .setBackend(Catalogue.NAME)
            .setMaxBatchSize(Rows.MOST)
            .setDynamicBatching(ModelDynamicBatching.getDefaultInstance());
    for (TensorSpec input : description.inputs()) {
      config.addInput(ModelInput.newBuilder().setName(input.name()).setDataType(datatype(input)).addAllDims(input.shape()));
    }
    for (TensorSpec output : description.outputs()) {
      config.addOutput(ModelOutput.newBuilder().setName(output.name()).setDataType(datatype(output)).addAllDims(output.shape()));
    }
    return config.build();
  }

  static ModelStatistics statistics(Statistics one) {
    return ModelStatistics.newBuilder()
        .setName(one.name())
        .setVersion(one.version())
        .setLastInference(one.lastInferenceMillis())
        .setInferenceCount(one.rows())
        .setExecutionCount(one.executions())
        .setInferenceStats(
            InferStatistics.newBuilder()
                .setSuccess(duration(one.success()))
                .setFail(duration(one.fail()))
                .setQueue(duration(one.queue()))
                .setComputeInput(duration(Took.NOTHING))
                .setComputeInfer(duration(one.compute()))
                .setComputeOutput(duration(Took.NOTHING))
                .setCacheHit(duration(one.cacheHit()))
                .setCacheMiss(duration(one.cacheMiss())))
        .build();
  }

  static RepositoryIndexResponse.ModelIndex index(Catalogue.Indexed line) {
    return RepositoryIndexResponse.ModelIndex.newBuilder()
        .setName(line.name())
        .setVersion(line.version())
        .setState(line.state())
        .setReason(line.reason())
        .build();
  }

  private static Parameters parameters(Map<String, InferParameter> given) {
    if (given.isEmpty()) {
      return Parameters.NONE;
    }
    Map<String, Parameter> values = new HashMap<>();
    given.forEach(
        (name, parameter) -> {
          switch (parameter.getParameterChoiceCase()) {
            case BOOL_PARAM -> values.put(name, new Parameter.Flag(parameter.getBoolParam()));
            case INT64_PARAM -> values.put(name, new Parameter.Whole(parameter.getInt64Param()));
            case STRING_PARAM -> values.put(name, new Parameter.Text(parameter.getStringParam()));
            case DOUBLE_PARAM -> values.put(name, new Parameter.Real(parameter.getDoubleParam()));
            case UINT64_PARAM -> values.put(name, unsigned(parameter.getUint64Param()));
            case PARAMETERCHOICE_NOT_SET -> throw Fault.invalid("parameter '%s' has no value", name);
          }
        });
    return new Parameters(values);
  }

  private static Parameter unsigned(long bits) {
    return bits >= 0 ? new Parameter.Whole(bits) : new Parameter.Real(0x1p63 + (bits & Long.MAX_VALUE));
  }

  private static InferParameter parameter(Parameter parameter) {
    InferParameter.Builder message = InferParameter.newBuilder();
    return switch (parameter) {
      case Parameter.Text text -> message.setStringParam(text.value()).build();
      case Parameter.Whole whole -> message.setInt64Param(whole.value()).build();
      case Parameter.Real real -> message.setDoubleParam(real.value()).build();
      case Parameter.Flag flag -> message.setBoolParam(flag.value()).build();
    };
  }

  private static TensorMetadata tensor(TensorSpec spec) {
    return TensorMetadata.newBuilder().setName(spec.name()).setDatatype(spec.datatype().name()).addAllShape(Rows.batched(spec)).build();
  }

  private static DataType datatype(TensorSpec spec) {
    return DataType.valueOf(Description.configured(spec.datatype()));
  }

  private static StatisticDuration duration(Took took) {
    return StatisticDuration.newBuilder().setCount(took.count()).setNs(took.nanos()).build();
  }
}
