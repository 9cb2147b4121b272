#include <capstan/local/apiserver/admission/webhooks.hpp>

#include <algorithm>
#include <chrono>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/admission/webhook_question.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

constexpr int kPatchDepth = 100;
constexpr std::size_t kAnswerLimit = std::size_t{3} << 20;

bool Lists(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

ObjectPtr LabelsOf(const ObjectPtr& object) {
  return json::ObjectIn(json::ObjectIn(object, "metadata"), "labels");
}

ObjectPtr ReviewReference(const Resource& resource, const std::string& version, const char* key,
                          const std::string& name) {
  ObjectPtr reference = json::MakeObject();
  reference->set("group", resource.group);
  reference->set("version", version);
  reference->set(key, name);
  return reference;
}

Refusal Denied(const std::string& name, const ObjectPtr& response) {
  const ObjectPtr status = json::ObjectIn(response, "status");
  const std::string message = TextIn(status, "message"), reason = TextIn(status, "reason");
  const auto code = json::IntegerIn(status, "code").value_or(0);
  std::string words = StrCat("admission webhook \"", name, "\" denied the request");
  words += message.empty() && reason.empty() ? std::string(" without explanation")
                                             : StrCat(": ", message.empty() ? reason : message);
  const bool error = code >= 400 && code < 600;
  return RefuseAbout(error ? static_cast<int>(code) : 403,
                     reason.empty() ? (error ? "" : "Forbidden") : reason, words, "", "", "");
}

void Warn(const WriteCall& call, const ObjectPtr& response) {
  if (!call.warnings) return;
  for (const std::string& warning : json::StringsIn(response, "warnings")) call.warnings->push_back(warning);
}

}  // namespace

bool SelectorTakes(const ObjectPtr& selector, const ObjectPtr& labels) {
  const ObjectPtr wanted = json::ObjectIn(selector, "matchLabels");
  if (wanted) {
    for (const auto& [key, value] : *wanted) {
      if (json::StringIn(labels, key) != value.toString()) return false;
    }
  }
  const auto expressions = json::ObjectsIn(selector, "matchExpressions");
  return std::all_of(expressions.begin(), expressions.end(), [&](const ObjectPtr& one) {
    const std::string word = TextIn(one, "operator");
    const auto value = json::StringIn(labels, TextIn(one, "key"));
    const bool in = value && Lists(json::StringsIn(one, "values"), *value);
    return word == "In" ? in : word == "NotIn" ? !in : word == "Exists" ? value.has_value() : !value;
  });
}

bool RulesCover(const std::vector<ObjectPtr>& rules, const WriteCall& call, std::string_view operation) {
  const Resource& resource = *call.resource;
  const std::string whole =
      call.subresource.empty() ? resource.plural : StrCat(resource.plural, "/", call.subresource);
  const auto covers = [&](const ObjectPtr& rule) {
    const auto operations = json::StringsIn(rule, "operations"), groups = json::StringsIn(rule, "apiGroups"),
               versions = json::StringsIn(rule, "apiVersions"),
               resources = json::StringsIn(rule, "resources");
    const std::string scope = json::StringIn(rule, "scope").value_or("*");
    if (!Lists(operations, "*") && !Lists(operations, operation)) return false;
    if (!Lists(groups, "*") && !Lists(groups, resource.group)) return false;
    // matchPolicy Equivalent: a rule for another version of the kind also matches this one.
    const bool version =
        Lists(versions, "*") || std::any_of(resource.versions.begin(), resource.versions.end(),
                                            [&](const Version& one) { return Lists(versions, one.name); });
    if (!version) return false;
    if (scope != "*" && (scope == "Namespaced") != resource.namespaced) return false;
    return Lists(resources, "*/*") || Lists(resources, whole) ||
           (call.subresource.empty() && Lists(resources, "*")) ||
           (!call.subresource.empty() &&
            (Lists(resources, resource.plural + "/*") || Lists(resources, "*/" + call.subresource)));
  };
  return std::any_of(rules.begin(), rules.end(), covers);
}

AdmissionWebhooks::Question AdmissionWebhooks::Ask(const WriteCall& call, std::string_view operation,
                                                   ObjectPtr fresh, ObjectPtr live) {
  Question question{call, std::string(operation), nullptr, nullptr, json::MakeObject(), nullptr};
  const Resource& resource = *call.resource;
  const auto shown = [&](const ObjectPtr& object) {
    if (!object) return ObjectPtr();
    ObjectPtr copy = json::Clone(object);
    ToVersion(copy, resource, *call.version);
    copy->set("kind", resource.kind);
    return copy;
  };
  question.object = shown(fresh);
  question.old_object = shown(live);
  question.authorizer = [this, user = call.user](const cel::AccessCheck& check) {
    return rights_(*user, check);
  };
  ObjectPtr request = question.request, user = json::MakeObject();
  request->set("uid", random_.Uuid());
  for (const char* prefix : {"", "request"}) {
    const bool plain = *prefix == '\0';
    request->set(plain ? "kind" : "requestKind",
                 ReviewReference(resource, call.version->name, "kind", resource.kind));
    request->set(plain ? "resource" : "requestResource",
                 ReviewReference(resource, call.version->name, "resource", resource.plural));
  }
  if (!call.subresource.empty()) request->set("subResource", call.subresource);
  request->set("name", MetaString(fresh ? fresh : live, "name"));
  if (resource.namespaced) request->set("namespace", call.namespace_);
  request->set("operation", question.operation);
  user->set("username", call.user->name);
  if (!call.user->uid.empty()) user->set("uid", call.user->uid);
  user->set("groups", json::ArrayOf(call.user->groups));
  request->set("userInfo", user);
  request->set("dryRun", call.dry_run);
  ObjectPtr options = json::MakeObject();
  options->set("apiVersion", std::string("meta.k8s.io/v1"));
  options->set("kind", std::string(operation == "CREATE"   ? "CreateOptions"
                                   : operation == "UPDATE" ? "UpdateOptions"
                                                           : "DeleteOptions"));
  request->set("options", options);
  const bool is_namespace = resource.plural == "namespaces" && resource.group.empty();
  if (resource.namespaced) {
    const RecordPtr space = store_.Get(ResourcePrefix("", "namespaces") + call.namespace_);
    auto parsed = space ? json::ParseObject(space->text, kStoredDepth) : Result<ObjectPtr>(ObjectPtr());
    if (parsed) question.namespace_object = *parsed;
  } else if (is_namespace) {
    question.namespace_object = question.object ? question.object : question.old_object;
  }
  return question;
}

cel::AccessCheck AdmissionWebhooks::Question::Asked() const {
  cel::AccessCheck check;
  check.group = call.resource->group;
  check.resource = call.resource->plural;
  check.subresource = call.subresource;
  check.namespace_ = call.namespace_;
  check.name = TextIn(request, "name");
  return check;
}

bool AdmissionWebhooks::SelectorsFit(const Question& question, const ObjectPtr& matcher) const {
  const ObjectPtr spaces = json::ObjectIn(matcher, "namespaceSelector"),
                  objects = json::ObjectIn(matcher, "objectSelector");
  if (question.namespace_object && !SelectorTakes(spaces, LabelsOf(question.namespace_object))) return false;
  return (question.object && SelectorTakes(objects, LabelsOf(question.object))) ||
         (question.old_object && SelectorTakes(objects, LabelsOf(question.old_object)));
}

Answer<bool> AdmissionWebhooks::Concerns(const Question& question, const ObjectPtr& hook) {
  if (!RulesCover(json::ObjectsIn(hook, "rules"), question.call, question.operation)) return false;
  if (!SelectorsFit(question, hook)) return false;
  const CelVariables variables{
      {{"object", question.object ? json::Tree(question.object) : json::Tree()},
       {"oldObject", question.old_object ? json::Tree(question.old_object) : json::Tree()},
       {"request", question.request}},
      question.authorizer,
      question.Asked()};
  std::string failed;
  for (const ObjectPtr& condition : json::ObjectsIn(hook, "matchConditions")) {
    auto met = EvaluateCondition(TextIn(condition, "expression"), variables);
    if (met && !*met) return false;  // a false condition takes precedence over failing ones
    if (!met) failed = met.error().message;
  }
  if (failed.empty()) return true;
  if (json::StringIn(hook, "failurePolicy") == "Ignore") return false;
  return RefuseAbout(403, "Forbidden",
                     StrCat("webhook \"", TextIn(hook, "name"), "\": match condition failed: ", failed), "",
                     "", "");
}

Result<ObjectPtr> AdmissionWebhooks::Review(const Question& question, const ObjectPtr& hook) {
  const ObjectPtr config = json::ObjectIn(hook, "clientConfig");
  const auto seconds = json::IntegerIn(hook, "timeoutSeconds").value_or(10);
  ObjectPtr review = json::MakeObject(), request = json::Clone(question.request);
  const auto versions = json::StringsIn(hook, "admissionReviewVersions");
  const std::string version = versions.empty() || Lists(versions, "v1") ? "v1" : versions.front();
  review->set("kind", std::string("AdmissionReview"));
  review->set("apiVersion", StrCat("admission.k8s.io/", version));
  request->set("object", question.object ? json::Tree(question.object) : json::Tree());
  request->set("oldObject", question.old_object ? json::Tree(question.old_object) : json::Tree());
  review->set("request", request);
  auto body =
      caller_.Post(config, review, std::chrono::seconds(seconds), kAnswerLimit, question.call.cancellation);
  if (!body) return Fail(body.error().code, StrCat("failed to call webhook: ", body.error().message));
  const ObjectPtr response = json::ObjectIn(*body, "response");
  if (!response) return Fail(Code::kInvalidArgument, "webhook response is absent");
  if (TextIn(response, "uid") != TextIn(question.request, "uid")) {
    return Fail(Code::kInvalidArgument, StrCat("expected response.uid=\"", TextIn(question.request, "uid"),
                                               "\", got \"", TextIn(response, "uid"), "\""));
  }
  return response;
}

Answer<ObjectPtr> AdmissionWebhooks::Call(const Question& question, const ObjectPtr& hook) {
  auto response = Review(question, hook);
  if (response) return *response;
  if (question.call.cancellation && question.call.cancellation->seen()) return ClientIsGone();
  if (json::StringIn(hook, "failurePolicy") == "Ignore") return ObjectPtr();
  return RefuseAbout(500, "InternalError",
                     StrCat("Internal error occurred: failed calling webhook \"", TextIn(hook, "name"),
                            "\": ", response.error().message),
                     "", "", "");
}

std::vector<ObjectPtr> AdmissionWebhooks::HooksOf(std::string_view plural) const {
  const std::string prefix = ResourcePrefix(kAdmissionGroup, plural);
  const auto listing = store_.List(prefix, prefix, prefix, 0, 0);
  std::vector<ObjectPtr> hooks;
  if (!listing) return hooks;
  for (const RecordPtr& record : listing->records) {
    auto config = json::ParseObject(record->text, kStoredDepth);
    for (const ObjectPtr& hook : config ? json::ObjectsIn(*config, "webhooks") : std::vector<ObjectPtr>())
      hooks.push_back(hook);
  }
  return hooks;
}

// Null: the hook does not change the object.
Answer<ObjectPtr> AdmissionWebhooks::MutateBy(const ObjectPtr& hook, const Question& question) {
  CAPSTAN_ANSWER(const ObjectPtr response, Call(question, hook));
  if (!response) return ObjectPtr();
  Warn(question.call, response);
  if (!json::BooleanIn(response, "allowed").value_or(false)) return Denied(TextIn(hook, "name"), response);
  std::string patch;
  if (!Base64Decode(TextIn(response, "patch"), patch) || patch.empty()) return ObjectPtr();
  auto text = json::JsonPatch(json::ToText(question.object), patch);
  auto patched = text ? json::ParseObject(*text, kPatchDepth) : Result<ObjectPtr>(Fail(text.error()));
  if (!patched) {
    return RefuseAbout(500, "InternalError",
                       StrCat("Internal error occurred: the patch of webhook \"", TextIn(hook, "name"),
                              "\" does not fit: ", patched.error().message),
                       "", "", "");
  }
  return *patched;
}

// As in Kubernetes, a webhook with reinvocationPolicy IfNeeded is called again when a later webhook
// changed the object.
Answer<ObjectPtr> AdmissionWebhooks::Mutate(const WriteCall& call, std::string_view operation,
                                            ObjectPtr fresh, ObjectPtr live) {
  if (call.resource->group == kAdmissionGroup) return fresh;
  const auto hooks = HooksOf("mutatingwebhookconfigurations");
  std::set<std::size_t> asked, again;  // candidates for a second call, and those that get one
  for (int round = 0; round < 2; ++round) {
    if (round == 1 && again.empty()) break;
    for (std::size_t i = 0; i < hooks.size(); ++i) {
      if (round == 1 && again.count(i) == 0) continue;
      const Question question = Ask(call, operation, fresh, live);
      CAPSTAN_ANSWER(const bool concerned, Concerns(question, hooks[i]));
      if (!concerned) continue;
      CAPSTAN_ANSWER(const ObjectPtr patched, MutateBy(hooks[i], question));
      if (patched && !json::Equal(json::Tree(patched), json::Tree(question.object))) again.merge(asked);
      if (patched) {
        fresh = patched;
        FromVersion(fresh, *call.resource, *call.version);
      }
      if (TextIn(hooks[i], "reinvocationPolicy") == "IfNeeded") asked.insert(i);
    }
  }
  return fresh;
}

Done AdmissionWebhooks::Judge(const WriteCall& call, std::string_view operation, ObjectPtr fresh,
                              ObjectPtr live) {
  if (call.resource->group == kAdmissionGroup) return {};
  const auto hooks = HooksOf("validatingwebhookconfigurations");
  if (hooks.empty() && !HasPolicies()) return {};
  const Question question = Ask(call, operation, fresh, live);
  CAPSTAN_ANSWER_OK(JudgeByPolicies(question));
  for (const ObjectPtr& hook : hooks) {
    CAPSTAN_ANSWER(const bool concerned, Concerns(question, hook));
    if (!concerned) continue;
    CAPSTAN_ANSWER(const ObjectPtr response, Call(question, hook));
    if (!response) continue;
    Warn(call, response);
    if (!json::BooleanIn(response, "allowed").value_or(false)) return Denied(TextIn(hook, "name"), response);
  }
  return {};
}

}  // namespace capstan::apiserver
