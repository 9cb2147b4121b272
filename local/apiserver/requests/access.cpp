#include <capstan/local/apiserver/requests/access.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

constexpr std::size_t kIssuedLimit = 10000;
// Set by core/net's server alone (http_server.hpp there).
constexpr std::string_view kPeerName = "X-Capstan-Peer-Name", kPeerGroup = "X-Capstan-Peer-Group";

// Who is meant by a user who may be anybody: kubectl --as and --as-group.
User Impersonated(User user, const http::Headers& headers) {
  const auto name = headers.Get("Impersonate-User");
  if (!name || user.anonymous) return user;
  user = User{std::string(*name), {}, false};
  for (const auto& [header, value] : headers.fields()) {
    if (EqualsIgnoreCase(header, "Impersonate-Group")) user.groups.push_back(value);
    if (EqualsIgnoreCase(header, "Impersonate-Uid")) user.uid = value;
  }
  constexpr std::string_view kAccount = "system:serviceaccount:";
  if (user.groups.empty() && name->substr(0, kAccount.size()) == kAccount) {
    const std::string rest(name->substr(kAccount.size()));
    user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + rest.substr(0, rest.find(':'))};
  }
  user.powerless = !IsMaster(user);
  if (std::find(user.groups.begin(), user.groups.end(), "system:authenticated") == user.groups.end())
    user.groups.emplace_back("system:authenticated");
  return user;
}

// What of another identity is asked for without saying whose; empty: nothing.
std::string LonelyImpersonation(const http::Headers& headers) {
  if (headers.Get("Impersonate-User")) return {};
  std::vector<std::string> parts;
  constexpr std::string_view kExtra = "impersonate-extra-";
  for (const auto& [header, value] : headers.fields()) {
    const std::string name = ToLower(header);
    if (name == "impersonate-group") parts.push_back(StrCat("{Group  ", value, "    }"));
    if (name == "impersonate-uid") parts.push_back(StrCat("{UID  ", value, "    }"));
    if (name.rfind(kExtra, 0) == 0)
      parts.push_back(StrCat("{UserExtra  ", value, "  ", name.substr(kExtra.size()), " }"));
  }
  return Join(parts, " ");
}

// What all may see: health, version, what is served, and what one may do.
bool IsOpen(const User& user, const RequestInfo& info) {
  if (info.is_resource) {
    const bool about_itself = info.resource == "selfsubjectaccessreviews" ||
                              info.resource == "selfsubjectrulesreviews" ||
                              info.resource == "selfsubjectreviews";
    return user.powerless && about_itself;
  }
  std::vector<std::string_view> open = {"/healthz", "/livez", "/readyz", "/version"};
  if (user.powerless) open.insert(open.end(), {"/api", "/apis", "/openapi"});
  return std::any_of(open.begin(), open.end(), [&info](std::string_view path) {
    return info.path == path || info.path.rfind(std::string(path) + "/", 0) == 0;
  });
}

std::string InWords(const AccessQuestion& question) {
  const std::string resource =
      question.subresource.empty() ? question.resource : StrCat(question.resource, "/", question.subresource);
  return StrCat("cannot ", question.verb, " resource \"", resource, "\" in API group \"", question.group,
                "\"",
                question.namespace_.empty() ? std::string(" at the cluster scope")
                                            : StrCat(" in the namespace \"", question.namespace_, "\""));
}

AccessQuestion QuestionOf(const RequestInfo& info) {
  if (!info.is_resource) return {ToLower(info.method), "", "", "", "", "", info.path};
  return {info.verb, info.group, info.resource, info.subresource, info.name, info.namespace_, ""};
}

std::string Base64Url(std::string_view bytes) {
  std::string text = Base64Encode(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::int64_t WholeSecondsOf(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

User AccountUser(const std::string& namespace_, const std::string& name, const std::string& uid) {
  User user{StrCat("system:serviceaccount:", namespace_, ":", name),
            {"system:serviceaccounts", StrCat("system:serviceaccounts:", namespace_), "system:authenticated"},
            false,
            true};
  user.uid = uid;
  return user;
}

Answer<User> Tokens::Authenticate(const http::Headers& headers, const Rbac& rbac) const {
  if (const std::string part = LonelyImpersonation(headers); !part.empty())
    return Refuse(500, "InternalError", StrCat("requested [", part, "] without impersonating a user"));
  CAPSTAN_ANSWER(User user, Known(headers));
  const auto name = headers.Get("Impersonate-User");
  if (name && user.powerless) {
    AccessQuestion question{"impersonate", "", "users", "", std::string(*name), "", ""};
    if (rbac.Allows(user, question).empty()) {
      return Forbidden("", "users", std::string(*name),
                       StrCat("User \"", user.name, "\" ", InWords(question)));
    }
  }
  return Impersonated(std::move(user), headers);
}

Answer<User> Tokens::Whose(std::string_view token) const {
  MutexLock lock(mutex_);
  const Secret given{std::string(token)};
  for (const TokenUser& known : tokens_) {
    if (!(known.token == given)) continue;
    User user{known.user, known.groups, false};
    user.groups.emplace_back("system:authenticated");
    user.powerless = rbac_ && !IsMaster(user);
    return user;
  }
  const auto found = issued_.find(token);
  if (found == issued_.end() || found->second.expires <= clock_.WallNow())
    return Refuse(401, "Unauthorized", "Unauthorized");
  const Issued& one = found->second;
  const RecordPtr account =
      store_.Get(StrCat(ResourcePrefix("", "serviceaccounts"), one.namespace_, "/", one.name));
  if (!account || account->meta.uid != one.uid) return Refuse(401, "Unauthorized", "Unauthorized");
  return AccountUser(one.namespace_, one.name, one.uid);
}

Answer<User> Tokens::Known(const http::Headers& headers) const {
  const auto header = headers.Get("Authorization");
  constexpr std::string_view kScheme = "Bearer ";
  const bool bearer = header && header->size() > kScheme.size() &&
                      EqualsIgnoreCase(header->substr(0, kScheme.size()), kScheme);
  bool checked = false;
  {
    MutexLock lock(mutex_);
    checked = checked_;
  }
  if (bearer) {
    auto user = Whose(Trim(header->substr(kScheme.size())));
    if (user || checked) return user;
  }
  if (const auto name = headers.Get(kPeerName); name && certificates_ && !header) {
    User user{std::string(*name), {}, false};
    for (const auto& [field, value] : headers.fields()) {
      if (EqualsIgnoreCase(field, kPeerGroup)) user.groups.push_back(value);
    }
    user.powerless = rbac_ && !IsMaster(user);
    user.groups.emplace_back("system:authenticated");
    return user;
  }
  if (!checked) return User{"admin", {"system:masters", "system:authenticated"}, false};
  if (!header) return User{"system:anonymous", {"system:unauthenticated"}, true};
  return Refuse(401, "Unauthorized", "Unauthorized");
}

void Tokens::Add(TokenUser token) {
  MutexLock lock(mutex_);
  checked_ = true;
  tokens_.push_back(std::move(token));
}

void Tokens::Revoke(const Secret& token) {
  MutexLock lock(mutex_);
  tokens_.erase(std::remove_if(tokens_.begin(), tokens_.end(),
                               [&](const TokenUser& known) { return known.token == token; }),
                tokens_.end());
}

std::string Tokens::Issue(const std::string& namespace_, const std::string& name, const std::string& uid,
                          const std::vector<std::string>& audiences, WallTime expires) {
  const WallTime now = clock_.WallNow();
  ObjectPtr claims = json::MakeObject(), kubernetes = json::MakeObject(), account = json::MakeObject();
  account->set("name", name);
  account->set("uid", uid);
  kubernetes->set("namespace", namespace_);
  kubernetes->set("serviceaccount", account);
  claims->set("aud", json::ArrayOf(audiences));
  claims->set("exp", WholeSecondsOf(expires));
  claims->set("iat", WholeSecondsOf(now));
  claims->set("iss", std::string("https://kubernetes.default.svc.cluster.local"));
  claims->set("kubernetes.io", kubernetes);
  claims->set("nbf", WholeSecondsOf(now));
  claims->set("sub", StrCat("system:serviceaccount:", namespace_, ":", name));
  // The form of a JWT, for clients that look when it ends. It is known by being in the list:
  // nothing here checks a signature.
  std::string token =
      StrCat(Base64Url(R"({"alg":"RS256","kid":"embedded"})"), ".", Base64Url(json::ToText(claims)), ".",
             Base64Url(random_.Uuid() + random_.Uuid()));
  MutexLock lock(mutex_);
  for (auto one = issued_.begin(); one != issued_.end();)
    one = one->second.expires <= now ? issued_.erase(one) : std::next(one);
  if (issued_.size() >= kIssuedLimit) {
    issued_.erase(std::min_element(issued_.begin(), issued_.end(), [](const auto& a, const auto& b) {
      return a.second.expires < b.second.expires;
    }));
  }
  issued_[token] = Issued{namespace_, name, uid, expires};
  return token;
}

Done Authorize(const User& user, const RequestInfo& info, const Rbac& rbac) {
  if ((!user.anonymous && !user.powerless) || IsOpen(user, info)) return {};
  const AccessQuestion question = QuestionOf(info);
  if (!rbac.Allows(user, question).empty()) return {};
  if (!info.is_resource) {
    return RefuseAbout(
        403, "Forbidden",
        StrCat("forbidden: User \"", user.name, "\" cannot ", question.verb, " path \"", info.path, "\""), "",
        "", "");
  }
  return Forbidden(info.group, info.resource, info.name,
                   StrCat("User \"", user.name, "\" ", InWords(question)));
}

namespace {

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
  auto user = tokens.Whose(json::StringIn(spec, "token").value_or(""));
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

// What a review must say.
std::vector<FieldError> CheckReview(const ObjectPtr& review, const std::string& plural,
                                    const std::string& namespace_) {
  const ObjectPtr spec = json::ObjectIn(review, "spec");
  const ObjectPtr resource = json::ObjectIn(spec, "resourceAttributes"),
                  path = json::ObjectIn(spec, "nonResourceAttributes");
  if (resource && path) {
    return {InvalidField("spec.nonResourceAttributes", json::Tree(path),
                         "cannot be specified in combination with resourceAttributes")};
  }
  if (!resource && !path) {
    return {InvalidField("spec.resourceAttributes", json::Tree(),
                         "exactly one of nonResourceAttributes or resourceAttributes must be specified")};
  }
  const std::string asked = json::TextIn(resource, "namespace");
  if (plural == "localsubjectaccessreviews" && path) {
    return {ForbiddenField("spec.nonResourceAttributes", "disallowed on this kind of request")};
  }
  if (plural == "localsubjectaccessreviews" && asked != namespace_)
    return {InvalidField("spec.resourceAttributes.namespace", asked, "must match metadata.namespace")};
  return {};
}

}  // namespace

Answer<Reply> ReviewAccess(Exchange& exchange, const Tokens& tokens, const Rbac& rbac, int depth_limit) {
  const std::string& plural = exchange.info.resource;
  const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const ReviewKind& one) { return one.plural == plural; });
  if (found == std::end(kKinds)) return NoSuchPath();
  if (exchange.info.method != "POST") return MethodNotAllowed();
  CAPSTAN_ANSWER(ObjectPtr review,
                 ReadObject(exchange.request, found->kind,
                            BodyLimits{depth_limit, exchange.types, exchange.info.GroupVersion()}));
  review->set("kind", std::string(found->kind));
  review->set("apiVersion", exchange.info.GroupVersion());
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
      if (user.name.empty() && user.groups.empty()) {
        return RefuseWith(InvalidStatus(
            exchange.info.group, found->kind, "",
            {InvalidField("spec.user", std::string(), "at least one of user or group must be specified")}));
      }
    }
    status = Judged(user, QuestionIn(spec), rbac);
  }
  MetaOf(review)->set("creationTimestamp", json::Tree());
  review->set("status", status);
  return ObjectReply(exchange, review, 201);
}

}  // namespace capstan::apiserver
