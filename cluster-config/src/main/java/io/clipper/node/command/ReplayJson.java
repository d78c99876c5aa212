package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.replay.Course;
import io.clipper.node.replay.OffPolicy;
import io.clipper.node.replay.PlayedLog;
import io.clipper.node.replay.PolicyText;
import io.clipper.node.replay.Replay;
import io.clipper.selection.PolicySettings;
import java.util.List;
import java.util.Map;

/** What {@code replay --json} prints. A number that is not known is {@code null}. */
final class ReplayJson {
  private ReplayJson() {}

  static ObjectNode of(Replay replay, List<Course> courses) {
    ObjectNode json = NodeClient.request().put("queries", replay.recording().queries().size());
    ArrayNode models = json.putArray("models");
    List<Double> means = replay.meanLosses();
    for (int model = 0; model < means.size(); model++) {
      models.addObject().put("model", replay.recording().models().get(model).toString()).put("mean_loss", means.get(model));
    }
    ArrayNode policies = json.putArray("policies");
    for (Course course : courses) {
      ObjectNode policy =
          policies
              .addObject()
              .put("policy", PolicyText.of(course.policy()))
              .put("mean_loss", course.meanLoss())
              .put("regret", course.regret())
              .put("asked", course.asked())
              .put("unanswered", course.unanswered());
      ArrayNode curve = policy.putArray("curve");
      for (Course.Moment moment : course.moments()) {
        ObjectNode point = curve.addObject().put("queries", moment.queries()).put("mean_loss", moment.meanLoss()).put("regret", moment.regret());
        moment.weights().forEach(point.putArray("weights")::add);
      }
    }
    return json;
  }

  static ObjectNode of(PlayedLog log, OffPolicy estimating, Map<PolicySettings, OffPolicy.Estimated> estimates) {
    ObjectNode json = NodeClient.request().put("queries", log.rounds().size()).put("mean_loss", log.meanLoss());
    ArrayNode models = json.putArray("models");
    log.models().forEach(model -> put(models.addObject().put("model", model.toString()), estimating.ofModel(model)));
    ArrayNode policies = json.putArray("policies");
    estimates.forEach((policy, estimated) -> put(policies.addObject().put("policy", PolicyText.of(policy)), estimated));
    return json;
  }

  private static void put(ObjectNode json, OffPolicy.Estimated estimated) {
    json.put("inverse_propensity", estimated.inverse()).put("error", estimated.error()).put("effective_queries", estimated.effective());
    if (estimated.effective() > 0) {
      json.put("self_normalised", estimated.normalised());
    } else {
      json.putNull("self_normalised");
    }
  }
}
