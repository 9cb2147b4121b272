#include <capstan/testing/wire/trouble.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>

namespace capstan::testing {
namespace {

// Limits the memory of a test that never ends.
constexpr std::size_t kMostRequests = 100'000;

std::string VerbFor(const std::string& method, bool named, bool watch) {
  if (http::IsRead(method)) return named ? "get" : watch ? "watch" : "list";
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  return named ? "delete" : "deletecollection";
}

bool IsWatch(std::string_view query) {
  for (const auto& [name, value] : http::ParseQuery(query)) {
    if (name == "watch") return value == "1" || value == "true";
  }
  return false;
}

}  // namespace

std::string RequestVerb::ToString() const {
  return StrCat(verb, " ", resource, name.empty() ? "" : " ",
                kube::ObjectKey{name.empty() ? "" : namespace_, name});
}

RequestVerb VerbOf(const http::Request& request) {
  RequestVerb result;
  const auto url = http::ParseUrl(request.url);
  if (!url) return result;
  // /api/v1/… or /apis/group/version/…, after the server's path prefix, if any.
  auto parts = Split(std::string(url->path()).substr(1), '/');
  const auto root = std::find_if(parts.begin(), parts.end(),
                                 [](const std::string& part) { return part == "api" || part == "apis"; });
  if (root == parts.end()) {
    result.verb = "get";
    result.resource = std::string(url->path());
    return result;
  }
  const bool core = *root == "api";
  std::vector<std::string> rest(root + 1, parts.end());
  const std::string group = core || rest.empty() ? "" : rest.front();
  rest.erase(rest.begin(), rest.begin() + std::min<std::ptrdiff_t>(core ? 1 : 2, std::ssize(rest)));
  if (rest.size() >= 3 && rest[0] == "namespaces") {
    result.namespace_ = rest[1];
    rest.erase(rest.begin(), rest.begin() + 2);
  }
  result.name = rest.size() > 1 ? rest[1] : "";
  if (!rest.empty()) result.resource = group.empty() ? rest[0] : rest[0] + "." + group;
  if (rest.size() > 2) result.resource += "/" + rest[2];
  result.verb = VerbFor(request.method, !result.name.empty(), IsWatch(url->query()));
  return result;
}

Trouble::Verdict Trouble::Judge(int life, const RequestVerb& request) {
  using What = Verdict::What;
  MutexLock lock(mutex_);
  if (cut_) return {What::kCut, {}};
  if (request.writes() && writes_until_death_ > 0 && --writes_until_death_ == 0) return {What::kDie, {}};
  for (const auto& [verb, resource] : forbidden_) {
    if (verb == request.verb && resource == request.resource) return {What::kForbid, {}};
  }
  for (auto failure = failures_.begin(); failure != failures_.end(); ++failure) {
    if (!Meets(failure->verb, request.verb) || !Meets(failure->resource, request.resource)) continue;
    const Verdict verdict{What::kFail, *failure};
    if (--failure->times <= 0) failures_.erase(failure);
    return verdict;
  }
  auto& told = expired_[StrCat(life, " ", request.resource)];
  if (request.verb == "watch" && std::exchange(told, expiries_) != expiries_) return {What::kExpire, {}};
  return {};
}

void Trouble::Note(int life, const RequestVerb& request, Instant at, const std::string& result) {
  MutexLock lock(mutex_);
  if (requests_.size() < kMostRequests) requests_.push_back({life, request, at, result});
}

void Trouble::Cut(bool cut) {
  MutexLock lock(mutex_);
  cut_ = cut;
  if (cut) ++breaks_;
}

bool Trouble::cut() const {
  MutexLock lock(mutex_);
  return cut_;
}

void Trouble::BreakStreams(bool expire) {
  MutexLock lock(mutex_);
  ++breaks_;
  if (expire) ++expiries_;
}

std::uint64_t Trouble::breaks() const {
  MutexLock lock(mutex_);
  return breaks_;
}

void Trouble::Fail(RequestFailure failure) {
  MutexLock lock(mutex_);
  failures_.push_back(std::move(failure));
}

void Trouble::TakeRights(const kube::Kind& kind, std::vector<std::string> verbs) {
  MutexLock lock(mutex_);
  for (std::string& verb : verbs) forbidden_.emplace_back(std::move(verb), kind.resource());
}

void Trouble::GiveRights() {
  MutexLock lock(mutex_);
  forbidden_.clear();
}

void Trouble::DieAt(int write) {
  MutexLock lock(mutex_);
  writes_until_death_ = write;
}

std::vector<Trouble::Noted> Trouble::Requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

}  // namespace capstan::testing
