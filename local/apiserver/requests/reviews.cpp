#include <capstan/local/apiserver/requests/reviews.hpp>

#include <algorithm>
#include <string_view>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/requests/builtin_kind.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

AccessQuestion QuestionIn(const ObjectPtr& spec) {
  AccessQuestion question;
  const auto text = [](const ObjectPtr& object, const char* key) {
    return json::StringIn(object, key).value_or("");
  };
  if (const ObjectPtr path = json::ObjectIn(spec, "nonResourceAttributes")) {
    question.verb = text(path, "verb");
    question.path = text(path, "path");
    return question;
  }
  const ObjectPtr resource = json::ObjectIn(spec, "resourceAttributes");
  question.verb = text(resource, "verb");
  question.group = text(resource, "group");
  question.resource = text(resource, "resource");
  question.subresource = text(resource, "subresource");
  question.name = text(resource, "name");
  question.namespace_ = text(resource, "namespace");
  return question;
}

ObjectPtr Judged(const User& user, const AccessQuestion& question, const Rbac& rbac) {
  ObjectPtr status = json::MakeObject();
  const std::string why = user.anonymous || user.powerless ? rbac.Allows(user, question) : std::string();
  const bool allowed = (!user.anonymous && !user.powerless) || !why.empty();
  status->set("allowed", allowed);
  if (!why.empty()) status->set("reason", why);
  return status;
}

ObjectPtr RulesFor(const User& user, const std::string& namespace_, const Rbac& rbac) {
  ObjectPtr rules = json::MakeObject();
  json::ArrayPtr resources = json::MakeArray(), paths = json::MakeArray();
  if (!user.powerless) {
    ObjectPtr resource = json::MakeObject(), path = json::MakeObject();
    for (const char* key : {"verbs", "apiGroups", "resources"}) SetStrings(resource, key, {"*"});
    for (const char* key : {"verbs", "nonResourceURLs"}) SetStrings(path, key, {"*"});
    resources->add(resource);
    paths->add(path);
  }
  for (const ObjectPtr& rule : user.powerless ? rbac.RulesOf(user, namespace_) : std::vector<ObjectPtr>()) {
    (json::StringsIn(rule, "nonResourceURLs").empty() ? resources : paths)->add(rule);
  }
  rules->set("resourceRules", resources);
  rules->set("nonResourceRules", paths);
  rules->set("incomplete", false);
  return rules;
}

ObjectPtr UserInfo(const User& user) {
  ObjectPtr info = json::MakeObject();
  info->set("username", user.name);
  if (!user.uid.empty()) info->set("uid", user.uid);
  SetStrings(info, "groups", user.groups);
  return info;
}

ObjectPtr TokenStatus(const ObjectPtr& spec, const Tokens& tokens) {
  ObjectPtr status = json::MakeObject();
  auto user = tokens.UserOfToken(json::StringIn(spec, "token").value_or(""));
  if (!user) {
    status->set("user", json::MakeObject());
    status->set("error", std::string("[invalid bearer token]"));
    return status;
  }
  status->set("authenticated", true);
  status->set("user", UserInfo(*user));
  return status;
}

struct ReviewKind {
  std::string_view plural;
  const char* kind;
};
constexpr ReviewKind kKinds[] = {{"selfsubjectrulesreviews", "SelfSubjectRulesReview"},
                                 {"selfsubjectreviews", "SelfSubjectReview"},
                                 {"selfsubjectaccessreviews", "SelfSubjectAccessReview"},
                                 {"subjectaccessreviews", "SubjectAccessReview"},
                                 {"localsubjectaccessreviews", "LocalSubjectAccessReview"},
                                 {"tokenreviews", "TokenReview"}};

void CheckQuestion(const ObjectPtr& spec, std::vector<FieldError>& errors) {
  const ObjectPtr resource = json::ObjectIn(spec, "resourceAttributes"),
                  path = json::ObjectIn(spec, "nonResourceAttributes");
  if (resource && path) {
    errors.push_back(InvalidField("spec.nonResourceAttributes", json::Tree(path),
                                  "cannot be specified in combination with resourceAttributes"));
  }
  if (!resource && !path) {
    errors.push_back(
        InvalidField("spec.resourceAttributes", json::Tree(),
                     "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
  }
}

// Fields that a review must have.
std::vector<FieldError> CheckReview(const ObjectPtr& review, const std::string& plural,
                                    const std::string& namespace_) {
  std::vector<FieldError> errors;
  const ObjectPtr spec = json::ObjectIn(review, "spec");
  const bool local = plural == "localsubjectaccessreviews";
  CheckQuestion(spec, errors);
  if (plural != "selfsubjectaccessreviews" && json::TextIn(spec, "user").empty() &&
      json::StringsIn(spec, "groups").empty()) {
    errors.push_back(
        InvalidField("spec.user", std::string(), "at least one of user or group must be specified"));
  }
  const std::string asked = json::TextIn(json::ObjectIn(spec, "resourceAttributes"), "namespace");
  if (local && json::ObjectIn(spec, "nonResourceAttributes")) {
    errors.push_back(ForbiddenField("spec.nonResourceAttributes", "disallowed on this kind of request"));
  } else if (local && json::ObjectIn(spec, "resourceAttributes") && asked != namespace_) {
    errors.push_back(
        InvalidField("spec.resourceAttributes.namespace", asked, "must match metadata.namespace"));
  }
  ObjectPtr meta = json::Clone(json::ObjectIn(review, "metadata"));
  if (meta) {
    for (const char* free : {"managedFields", "creationTimestamp"}) meta->remove(free);
    if (local) meta->remove("namespace");
  }
  if (meta && meta->size() > 0)
    errors.push_back(
        InvalidField("metadata", meta, local ? "must be empty except for namespace" : "must be empty"));
  return errors;
}

// Gives the body the shape of its type: drops unknown and empty fields.
Done ShapeReview(const BuiltinSchemas& schemas, const RequestInfo& info, const char* kind, ObjectPtr review) {
  if (const std::string why = schemas.TypeMismatch(info.group, info.version, kind, review); !why.empty()) {
    return BadRequest(
        StrCat(kind, " in version \"", info.version, "\" cannot be handled as a ", kind, ": ", why));
  }
  if (const CompiledSchema* schema = schemas.Find(info.group, info.version, kind)) schema->Prune(review);
  if (const BuiltinType* type = schemas.Type(info.group, info.version, kind))
    schemas.rules().Shape(*type, review);
  return {};
}

}  // namespace

Answer<Reply> ReviewAccess(Exchange& exchange, const Tokens& tokens, const Rbac& rbac,
                           const BuiltinSchemas& schemas, int depth_limit) {
  const std::string& plural = exchange.info.resource;
  const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const ReviewKind& one) { return one.plural == plural; });
  if (found == std::end(kKinds) || !exchange.info.name.empty()) return NoSuchPath();
  if (exchange.info.method != "POST") return MethodNotAllowed();
  CAPSTAN_ANSWER(ObjectPtr review,
                 ReadObject(exchange.request, found->kind,
                            BodyLimits{depth_limit, exchange.types, exchange.info.GroupVersion()}));
  CAPSTAN_ANSWER_OK(
      CheckBuiltinKind(*exchange.served, review, {exchange.info.group, exchange.info.version, found->kind}));
  review->set("kind", std::string(found->kind));
  review->set("apiVersion", exchange.info.GroupVersion());
  CAPSTAN_ANSWER_OK(ShapeReview(schemas, exchange.info, found->kind, review));
  const ObjectPtr spec = json::ObjectIn(review, "spec");
  ObjectPtr status;
  const bool asks_for_access = plural.find("accessreviews") != std::string::npos;
  if (asks_for_access) {
    const auto errors = CheckReview(review, plural, exchange.info.namespace_);
    if (!errors.empty()) return RefuseWith(InvalidStatus(exchange.info.group, "", "", errors));
  }
  if (plural == "selfsubjectrulesreviews" && json::TextIn(spec, "namespace").empty())
    return BadRequest("no namespace on request");
  if (plural == "tokenreviews" && json::TextIn(spec, "token").empty())
    return BadRequest("token is required for TokenReview in authentication");
  if (plural == "selfsubjectrulesreviews") {
    status = RulesFor(exchange.user, json::StringIn(spec, "namespace").value_or(""), rbac);
    review->set("spec", json::MakeObject());  // as Kubernetes answers
  } else if (plural == "selfsubjectreviews") {
    status = json::MakeObject();
    status->set("userInfo", UserInfo(exchange.user));
  } else if (plural == "tokenreviews") {
    status = TokenStatus(spec, tokens);
  } else {
    User user = exchange.user;
    if (plural != "selfsubjectaccessreviews") {
      user = User{json::StringIn(spec, "user").value_or(""), json::StringsIn(spec, "groups"), false};
      user.powerless = !IsMaster(user);
    }
    status = Judged(user, QuestionIn(spec), rbac);
  }
  MetaOf(review)->set("creationTimestamp", json::Tree());
  review->set("status", status);
  return ObjectReply(exchange, review, 201);
}

}  // namespace capstan::apiserver
