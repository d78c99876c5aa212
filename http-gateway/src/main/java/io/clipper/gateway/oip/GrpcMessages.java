package io.clipper.gateway.oip;

import io.clipper.gateway.oip.Statistics.Took;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.oip.protocol.DataType;
import io.clipper.model.runtime.oip.protocol.InferBatchStatistics;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.InferStatistics;
import io.clipper.model.runtime.oip.protocol.ModelConfig;
import io.clipper.model.runtime.oip.protocol.ModelDynamicBatching;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelInput;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse.TensorMetadata;
import io.clipper.model.runtime.oip.protocol.ModelOutput;
import io.clipper.model.runtime.oip.protocol.ModelStatistics;
import io.clipper.model.runtime.oip.protocol.ModelTensorReshape;
import io.clipper.model.runtime.oip.protocol.RepositoryIndexResponse;
import io.clipper.model.runtime.oip.protocol.StatisticDuration;
import io.clipper.replica.BatchTally;

/** The protocol's gRPC messages from and to what both doors share. */
final class GrpcMessages {
  private static final ModelTensorReshape TO_SCALAR = ModelTensorReshape.getDefaultInstance();

  private GrpcMessages() {}

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
      ModelInput.Builder configured =
          ModelInput.newBuilder()
              .setName(input.name())
              .setDataType(datatype(input))
              .addAllDims(Description.dims(input))
              .setOptional(input.optional());
      config.addInput(Description.isScalar(input) ? configured.setReshape(TO_SCALAR) : configured);
    }
    for (TensorSpec output : description.outputs()) {
      ModelOutput.Builder configured =
          ModelOutput.newBuilder().setName(output.name()).setDataType(datatype(output)).addAllDims(Description.dims(output));
      config.addOutput(Description.isScalar(output) ? configured.setReshape(TO_SCALAR) : configured);
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
                .setComputeInput(duration(one.conversion()))
                .setComputeInfer(duration(one.compute()))
                .setComputeOutput(duration(one.conversion()))
                .setCacheHit(duration(one.cacheHit()))
                .setCacheMiss(duration(one.cacheMiss())))
        .addAllBatchStats(one.batches().stream().map(GrpcMessages::batches).toList())
        .build();
  }

  private static InferBatchStatistics batches(BatchTally ofSize) {
    Took conversion = new Took(ofSize.batches(), 0);
    return InferBatchStatistics.newBuilder()
        .setBatchSize(ofSize.rows())
        .setComputeInput(duration(conversion))
        .setComputeInfer(duration(new Took(ofSize.batches(), ofSize.nanos())))
        .setComputeOutput(duration(conversion))
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

  /** Throws {@link Fault} for one without a value. */
  static Parameter parameter(String name, InferParameter given) {
    return switch (given.getParameterChoiceCase()) {
      case BOOL_PARAM -> new Parameter.Flag(given.getBoolParam());
      case INT64_PARAM -> new Parameter.Whole(given.getInt64Param());
      case STRING_PARAM -> new Parameter.Text(given.getStringParam());
      case DOUBLE_PARAM -> new Parameter.Real(given.getDoubleParam());
      case UINT64_PARAM -> unsigned(given.getUint64Param());
      case PARAMETERCHOICE_NOT_SET -> throw Fault.invalid("parameter '%s' has no value", name);
    };
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
