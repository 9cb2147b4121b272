// Workloads whose pods run to completion: Job and CronJob.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>
#include <capstan/local/apiserver/catalog/pod_templates.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

// A Job selects its pods by its own UID.
void PrepareJob(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  ObjectPtr spec = SectionOf(fresh, "spec");
  if (old || json::BooleanIn(spec, "manualSelector").value_or(false)) return;
  const std::string uid = MetaString(fresh, "uid"), name = MetaString(fresh, "name");
  ObjectPtr labels = SectionOf(SectionOf(SectionOf(spec, "template"), "metadata"), "labels");
  for (const char* prefix : {"", "batch.kubernetes.io/"}) {
    labels->set(StrCat(prefix, "controller-uid"), uid);
    labels->set(StrCat(prefix, "job-name"), name);
  }
  SectionOf(SectionOf(spec, "selector"), "matchLabels")->set("batch.kubernetes.io/controller-uid", uid);
  if (!MetaOf(fresh)->has("labels")) MetaOf(fresh)->set("labels", json::Clone(labels));
}

Errors ValidateJob(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  CheckTemplate(fresh, false, errors);
  const ObjectPtr made = json::ObjectIn(json::ObjectIn(fresh, "spec"), "template");
  const std::string policy = TextIn(json::ObjectIn(made, "spec"), "restartPolicy");
  if (policy != "OnFailure" && policy != "Never")
    errors.push_back(UnsupportedField("spec.template.spec.restartPolicy", policy, {"OnFailure", "Never"}));
  CheckKept(fresh, old, {"selector", "template", "completionMode"}, errors);
  if (TextIn(json::ObjectIn(fresh, "spec"), "completionMode") != "Indexed")
    CheckKept(fresh, old, {"completions"}, errors);
  const ObjectPtr selector = json::ObjectIn(json::ObjectIn(fresh, "spec"), "selector");
  if (!selector || selector->size() == 0) errors.push_back(RequiredField("spec.selector", ""));
  return errors;
}

Errors ValidateCronJob(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const std::string schedule = TextIn(spec, "schedule");
  const auto words = Split(schedule, ' ');
  const auto fields =
      std::count_if(words.begin(), words.end(), [](const auto& word) { return !word.empty(); });
  if (!schedule.empty() && schedule.front() != '@' && fields != 5) {
    errors.push_back(
        InvalidField("spec.schedule", schedule,
                     StrCat("expected exactly 5 fields, found ", fields, ": [", Join(words, " "), "]")));
  }
  const ObjectPtr pod = json::ObjectIn(
      json::ObjectIn(json::ObjectIn(json::ObjectIn(spec, "jobTemplate"), "spec"), "template"), "spec");
  const std::string policy = TextIn(pod, "restartPolicy");
  if (policy != "OnFailure" && policy != "Never") {
    errors.push_back(UnsupportedField("spec.jobTemplate.spec.template.spec.restartPolicy", policy,
                                      {"OnFailure", "Never"}));
  }
  return errors;
}

}  // namespace

Strategy JobStrategy(std::string_view, std::string_view kind) {
  if (kind == "Job") return {PrepareJob, ValidateJob};
  if (kind == "CronJob") return {nullptr, ValidateCronJob};
  return {};
}

}  // namespace capstan::apiserver
