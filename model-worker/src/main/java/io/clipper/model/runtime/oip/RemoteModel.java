package io.clipper.model.runtime.oip;

import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.batch.BatchStacking;
import io.clipper.model.runtime.batch.BatchedInput;
import io.clipper.model.runtime.oip.protocol.DataType;
import io.clipper.model.runtime.oip.protocol.ModelConfig;
import io.clipper.model.runtime.oip.protocol.ModelInput;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse.TensorMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a server says of one of its models.
 *
 * @param maxBatchRows the most rows of one request, where the server has a bound
 * @param batchesByItself whether the server gathers requests into batches of its own
 * @param passThrough whether it is to, and so is sent row by row, all rows at once
 */
record RemoteModel(BatchStacking stacking, OptionalInt maxBatchRows, boolean batchesByItself, boolean passThrough) {
  /** Of a request's tensors; a quarter of a message is far more than what is around them. */
  static final long MOST_BYTES = Transport.MAX_MESSAGE_BYTES / 4 * 3;

  /**
   * @param version the one that is asked for; empty: whichever the server has in use
   * @param declared what the model takes, for a server that does not say
   * @throws ModelLoadException if the server has no such version, or the model cannot be served in batches of rows
   */
  static RemoteModel of(
      ModelMetadataResponse metadata, String version, Optional<ModelConfig> config, Optional<Signature> declared, boolean passThrough)
      throws ModelLoadException {
    // A server may answer for the version that it has, whichever is asked for; one that lists none says nothing of them.
    if (!version.isEmpty() && metadata.getVersionsCount() > 0 && !metadata.getVersionsList().contains(version)) {
      throw new ModelLoadException(
          "the server has versions %s of model '%s', and not '%s'".formatted(metadata.getVersionsList(), metadata.getName(), version));
    }
    List<BatchedInput> inputs = new ArrayList<>();
    Set<String> optional = optional(config);
    try {
      for (TensorMetadata input : metadata.getInputsList()) {
        BatchedInput batched = BatchedInput.of(input.getName(), Datatype.named(input.getDatatype()), shape(input));
        inputs.add(optional.contains(input.getName()) ? batched.asOptional() : batched);
      }
    } catch (IllegalArgumentException unfit) {
      throw new ModelLoadException("model '%s' cannot be served: %s".formatted(metadata.getName(), unfit.getMessage()), unfit);
    }
    if (inputs.isEmpty()) {
      Signature signature =
          declared.orElseThrow(
              () -> new ModelLoadException("the server does not say what model '%s' takes: give --input-type".formatted(metadata.getName())));
      inputs.addAll(signature.tensors().stream().map(row -> new BatchedInput(row, false)).toList());
    }
    // Zero, as every server without such a bound says, is a model that decides by its shapes.
    OptionalInt maxBatchRows = config.stream().mapToInt(ModelConfig::getMaxBatchSize).filter(rows -> rows > 0).findFirst();
    return new RemoteModel(new BatchStacking(inputs), maxBatchRows, config.filter(ModelConfig::hasDynamicBatching).isPresent(), passThrough);
  }

  /** Metadata has no word for it, a configuration has. */
  private static Set<String> optional(Optional<ModelConfig> config) {
    return config.stream()
        .flatMap(said -> said.getInputList().stream())
        .filter(ModelInput::getOptional)
        .map(ModelInput::getName)
        .collect(Collectors.toSet());
  }

  /**
   * Requests of no more rows than the server takes, nor of more bytes; a row that has more goes by itself.
   *
   * @param mostBytes of a request's tensors
   */
  List<BatchStacking.Run> runs(List<Input> batch, long mostBytes) {
    int most = passThrough ? 1 : maxBatchRows.orElse(Integer.MAX_VALUE);
    List<BatchStacking.Run> runs = new ArrayList<>();
    for (BatchStacking.Run run : stacking.runs(batch)) {
      int rows = run.rows().size();
      int from = 0;
      long bytes = 0;
      for (int row = 0; row < rows; row++) {
        long more = bytes(run, row);
        if (row > from && (row - from == most || bytes + more > mostBytes)) {
          runs.add(part(run, from, row));
          from = row;
          bytes = 0;
        }
        bytes += more;
      }
      runs.add(from == 0 ? run : part(run, from, rows));
    }
    return runs;
  }

  /** Of the tensors of all its rows. */
  static long bytes(BatchStacking.Run run) {
    return IntStream.range(0, run.rows().size()).mapToLong(row -> bytes(run, row)).sum();
  }

  /** Of one with two rows at least. */
  static List<BatchStacking.Run> halves(BatchStacking.Run run) {
    int rows = run.rows().size();
    return List.of(part(run, 0, rows / 2), part(run, rows / 2, rows));
  }

  /** As the datatypes that the model takes. */
  private static long bytes(BatchStacking.Run run, int row) {
    long bytes = 0;
    for (int i = 0; i < run.inputs().size(); i++) {
      bytes += TensorStack.bytes(run.inputs().get(i).datatype(), run.tensors().get(i).get(row));
    }
    return bytes;
  }

  private static BatchStacking.Run part(BatchStacking.Run run, int from, int to) {
    long rows = (long) to - from;
    List<long[]> shapes = run.shapes().stream().map(long[]::clone).toList();
    shapes.forEach(shape -> shape[0] = rows);
    return new BatchStacking.Run(run.rows().subList(from, to), run.inputs(), shapes, run.tensors().stream().map(tensors -> tensors.subList(from, to)).toList());
  }

  /** How a signature is told, with the rows as the first dimension. */
  static Stream<TensorMetadata> describe(Signature signature) {
    return signature.tensors().stream().map(RemoteModel::describe);
  }

  /** How a signature is told with all that metadata cannot say; without a bound on batches the rows are a dimension here, too. */
  static ModelConfig configuration(String model, Signature signature) {
    ModelConfig.Builder config = ModelConfig.newBuilder().setName(model);
    for (TensorSpec row : signature.tensors()) {
      config.addInput(
          ModelInput.newBuilder()
              .setName(row.name())
              .setDataType(dataType(row.datatype()))
              .addDims(-1)
              .addAllDims(row.shape())
              .setOptional(row.optional()));
    }
    return config.build();
  }

  private static DataType dataType(Datatype datatype) {
    return datatype == Datatype.BYTES ? DataType.TYPE_STRING : DataType.valueOf("TYPE_" + datatype);
  }

  private static TensorMetadata describe(TensorSpec row) {
    return TensorMetadata.newBuilder().setName(row.name()).setDatatype(row.datatype().name()).addShape(-1).addAllShape(row.shape()).build();
  }

  private static long[] shape(TensorMetadata tensor) {
    return tensor.getShapeList().stream().mapToLong(Long::longValue).toArray();
  }
}
