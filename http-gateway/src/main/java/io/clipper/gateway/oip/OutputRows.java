package io.clipper.gateway.oip;

import io.clipper.application.Prediction;
import io.clipper.gateway.Json;
import io.clipper.gateway.clipper.CertaintyWriter;
import io.clipper.gateway.clipper.PredictionWriter;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows' answers as output tensors. An application with one linked model answers with that model's tensors; one with several, or none,
 * with a single tensor {@code output}. What an application says about its answer is there as tensors only when it is asked for by name.
 *
 * @param known what the target answers with, as far as it is known; none where it is not
 */
record OutputRows(Target target, List<AnsweredRow> rows, boolean batched, List<TensorSpec> known) {
  /** Throws {@link Fault} for a name that is no output. */
  List<WireTensor> outputs(List<RequestedOutput> requested) {
    List<List<NamedTensor>> columns = columns();
    if (requested.isEmpty()) {
      return columns.stream().map(column -> stack(column.getFirst().name(), column)).toList();
    }
    return requested.stream().map(output -> output(output, columns)).toList();
  }

  /** What is said of a single row's answer. */
  Map<String, Parameter> parameters() {
    Optional<Prediction> only = rows.size() == 1 ? rows.getFirst().prediction() : Optional.empty();
    if (only.isEmpty()) {
      return Map.of();
    }
    Prediction prediction = only.get();
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    if (prediction.queryId() != Prediction.NO_QUERY_ID) {
      parameters.put("query_id", new Parameter.Whole(prediction.queryId()));
    }
    parameters.put("default", new Parameter.Flag(prediction.isDefault()));
    prediction.defaultReason().ifPresent(reason -> parameters.put("default_explanation", new Parameter.Text(reason)));
    prediction.agreement().ifPresent(agreement -> parameters.put("agreement", new Parameter.Real(agreement)));
    prediction.confidence().ifPresent(confidence -> parameters.put("confidence", new Parameter.Real(confidence)));
    prediction
        .certainty()
        .ifPresent(
            certainty -> {
              parameters.put(CertaintyWriter.name(certainty), new Parameter.Text(CertaintyOutputs.text(certainty)));
              parameters.put("calibrated", new Parameter.Flag(certainty.calibrated()));
            });
    if (prediction.contextUnread()) {
      parameters.put("context_read", new Parameter.Flag(false));
    }
    parameters.put("models", new Parameter.Text(models(prediction)));
    return parameters;
  }

  private WireTensor output(RequestedOutput requested, List<List<NamedTensor>> columns) {
    String name = requested.name();
    Optional<List<NamedTensor>> column =
        columns.stream()
            .filter(tensors -> tensors.getFirst().name().equals(name))
            .findFirst()
            // The answer itself, whatever its model calls it.
            .or(() -> name.equals(Output.ONLY) ? Optional.of(columns.getFirst()) : Optional.empty());
    if (requested.classification().isPresent()) {
      List<Tensor> values = column.orElseThrow(() -> unexpected(name, columns)).stream().map(NamedTensor::tensor).toList();
      return Classes.highest(name, values, rows, requested.classification().get(), batched);
    }
    return column.map(tensors -> stack(name, tensors)).or(() -> probabilities(name)).or(() -> said(name)).orElseThrow(() -> unexpected(name, columns));
  }

  /** Of a classifier, where no tensor of its own has the name. */
  private Optional<WireTensor> probabilities(String name) {
    if (!name.equals("probabilities") || rows.stream().anyMatch(row -> row.output().probabilities().isEmpty())) {
      return Optional.empty();
    }
    List<Tensor> values = new ArrayList<>();
    for (AnsweredRow row : rows) {
      ClassProbabilities probabilities = row.output().probabilities().orElseThrow();
      double[] each = new double[probabilities.size()];
      for (int i = 0; i < each.length; i++) {
        each[i] = probabilities.at(i);
      }
      values.add(Tensor.ofDoubles(each));
    }
    return Optional.of(Stacking.stack(name, values, batched));
  }

  private Optional<WireTensor> said(String name) {
    if (rows.stream().anyMatch(row -> row.prediction().isEmpty())) {
      return Optional.empty();
    }
    List<Prediction> predictions = rows.stream().map(row -> row.prediction().orElseThrow()).toList();
    return switch (name) {
      case "query_id" -> Optional.of(Stacking.longs(name, predictions.stream().mapToLong(Prediction::queryId).toArray()));
      case "confidence" ->
          Optional.of(Stacking.doubles(name, predictions.stream().mapToDouble(prediction -> prediction.confidence().orElse(Double.NaN)).toArray()));
      case "agreement" ->
          Optional.of(Stacking.doubles(name, predictions.stream().mapToDouble(prediction -> prediction.agreement().orElse(Double.NaN)).toArray()));
      case "default" -> Optional.of(Stacking.flags(name, predictions.stream().map(Prediction::isDefault).toList()));
      case "models" -> Optional.of(Stacking.texts(name, predictions.stream().map(OutputRows::models).toList()));
      case "set" -> CertaintyOutputs.sets(name, predictions);
      case "interval" -> CertaintyOutputs.intervals(name, predictions);
      default -> Optional.empty();
    };
  }

  private Fault unexpected(String name, List<List<NamedTensor>> columns) {
    return Fault.invalid(
        "unexpected inference output '%s' for model '%s', whose outputs are %s",
        name, target.name(), columns.stream().map(column -> column.getFirst().name()).toList());
  }

  private WireTensor stack(String name, List<NamedTensor> column) {
    return Stacking.stack(name, column.stream().map(NamedTensor::tensor).toList(), batched);
  }

  /** One list for each output: that tensor of every row. */
  private List<List<NamedTensor>> columns() {
    List<TensorSpec> outputs = outputs();
    List<List<NamedTensor>> columns = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      columns.add(column(outputs.get(i), i));
    }
    return columns;
  }

  /** By the first row that models answered, else by what is known, else by the default output alone. */
  private List<TensorSpec> outputs() {
    Optional<Output> answered = rows.stream().filter(row -> !row.isDefault()).findFirst().map(AnsweredRow::output);
    List<TensorSpec> outputs = answered.map(OutputSpecs::specs).orElse(known);
    if (outputs.isEmpty()) {
      outputs = OutputSpecs.specs(new Output(List.of(new NamedTensor(Output.ONLY, DefaultOutput.unlike(text(rows.getFirst())))), Optional.empty()));
    }
    return isOneModels() ? outputs : List.of(new TensorSpec(Output.ONLY, outputs.getFirst().datatype(), outputs.getFirst().shape()));
  }

  private boolean isOneModels() {
    return switch (target) {
      case Target.OfModel model -> true;
      case Target.OfApplication application -> application.application().models().size() == 1;
    };
  }

  private List<NamedTensor> column(TensorSpec spec, int index) {
    List<NamedTensor> column = new ArrayList<>(rows.size());
    for (AnsweredRow row : rows) {
      column.add(new NamedTensor(spec.name(), row.isDefault() ? byDefault(row, spec, index) : tensor(row, spec, index)));
    }
    return column;
  }

  private static Tensor tensor(AnsweredRow row, TensorSpec spec, int index) {
    List<NamedTensor> tensors = row.output().tensors();
    if (index >= tensors.size()) {
      throw new Fault(Fault.Kind.UNSUPPORTED, "output '%s' is not among one row's outputs: ask for these rows one by one".formatted(spec.name()));
    }
    return tensors.get(index).tensor();
  }

  /** Of an output beside the answer there is no default but nothing: zeros, or empty text. */
  private static Tensor byDefault(AnsweredRow row, TensorSpec spec, int index) {
    if (index > 0) {
      return DefaultOutput.nothing(spec);
    }
    return DefaultOutput.as(text(row), spec).orElseGet(() -> row.output().first());
  }

  /** A default output is the application's text. */
  private static String text(AnsweredRow row) {
    return String.join(" ", Stacking.strings(Stacking.stack(Output.ONLY, List.of(Stacking.texts(row.output().first())), true)));
  }

  private static String models(Prediction prediction) {
    return Json.write(json -> PredictionWriter.writeModels(json, prediction)).utf8String();
  }
}
