#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/service.hpp>

namespace capstan::simulated_digitalocean {
namespace {

bool LooksLikeUuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

std::int64_t SecondsUp(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration + std::chrono::nanoseconds(999999999))
      .count();
}

constexpr char kUnknown[] = "(unknown operation)";

std::string TokenOf(const http::Request& request) {
  const std::string_view value = request.headers.Get("Authorization").value_or("");
  static constexpr std::string_view kBearer = "Bearer ";
  if (value.size() <= kBearer.size() || !EqualsIgnoreCase(value.substr(0, kBearer.size()), kBearer))
    return "";
  return std::string(Trim(value.substr(kBearer.size())));
}

}  // namespace

Service::Service(World& world) : world_(world) { ReadAccounts(); }

void Service::ReadAccounts() {
  tokens_.clear();
  for (const AccountOptions& account : world_.options.accounts)
    for (const TokenOptions& token : account.tokens)
      tokens_[std::string(token.token.Reveal())] = {account.uuid, token.scopes, token.token.Fingerprint()};
}

void Service::Revoke(const Secret& token, bool revoked) { revoked_[std::string(token.Reveal())] = revoked; }

const Service::Token* Service::Authenticate(const http::Request& request) const {
  const std::string token = TokenOf(request);
  auto found = tokens_.find(token);
  auto revoked = revoked_.find(token);
  if (found == tokens_.end() || (revoked != revoked_.end() && revoked->second)) return nullptr;
  return &found->second;
}

Service::Match Service::FindRoute(std::string_view method, std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::vector<std::string> parts = Split(path, '/');
  for (const Route& route : Routes()) {
    if (route.method != method) continue;
    const std::vector<std::string> pattern = Split(route.pattern, '/');
    if (pattern.size() != parts.size()) continue;
    Match match{&route, {}};
    bool fits = true;
    for (std::size_t i = 0; fits && i < parts.size(); ++i) {
      const bool parameter = !pattern[i].empty() && pattern[i].front() == '{';
      if (!parameter) fits = pattern[i] == parts[i];
      if (parameter) fits = !parts[i].empty() && UrlDecode(parts[i], false, match.values[pattern[i]]);
    }
    if (fits) return match;
  }
  return {};
}

Service::Result Service::Serve(const http::Request& request, WallTime now, Instant instant) {
  const RateLimitOptions& limits = world_.options.rate_limit;
  const RateLimiter::Verdict untouched{true, limits.per_hour, limits.per_hour, Duration::zero(),
                                       std::nullopt};
  const auto url = http::ParseUrl(request.url);
  if (!url) {
    ++counts[kUnknown];
    return Dress(Refuse(404), untouched, now);
  }
  const std::string path(url->path());
  if (path.rfind("/simulated-clusters/", 0) == 0) return {AnswerAsKubernetes(world_, request, now), false};

  // The key is a known route, never text of the client: it needs no token to send any path, so the
  // map would grow without bound.
  const Match match = FindRoute(request.method, path);
  ++counts[match.route ? StrCat(match.route->method, " ", match.route->pattern) : kUnknown];
  const Token* token = Authenticate(request);
  if (!token) return Dress(Refuse(401), untouched, now);
  const RateLimiter::Verdict limit = limiter_.Count(TokenOf(request), limits, instant);
  if (!limit.allowed) {
    ++rate_limited;
    Refused refused = Refuse(429);
    refused.value().retry_after = limit.retry_after;
    return Dress(refused, limit, now);
  }
  std::optional<Fault> fault = Strike(request, path, *token);
  if (!fault) fault = StrikeByChance();
  if (fault && fault->moment == FaultMoment::kBefore) return DressFault(*fault, limit, now);

  const AccountOptions account = *world_.Account(token->account);
  Call call{world_,
            request,
            now,
            account,
            token->scopes,
            StrCat(url->scheme, "://", url->authority()),
            http::ParseQuery(url->query())};
  const Answer answer = Dispatch(call, match);
  if (call.effect) {
    call.effect->operation = StrCat(match.route->method, " ", match.route->pattern);
    call.effect->answered = !fault;
    world_.Note(*call.effect);
  }
  return fault ? DressFault(*fault, limit, now) : Dress(answer, limit, now);
}

Answer Service::Dispatch(Call& call, const Match& match) {
  if (!match.route) return Refuse(404);
  if (call.account.status == "locked") return Refuse(403, "the account is locked");
  for (std::string_view scope : match.route->scopes) CAPSTAN_CHECKED(call.Require(scope));
  for (const auto& [name, value] : match.values) {
    const bool id = name != "{node_pool_name}";
    if (id && !LooksLikeUuid(value)) return Refuse(world_.options.behaviour.bad_uuid_status);
    if (name != "{cluster_id}" && name != "{node_pool_id}") call.last = value;
  }
  if (auto id = match.values.find("{cluster_id}"); id != match.values.end()) {
    call.cluster = world_.FindCluster(ToLower(id->second));
    if (!call.cluster || call.cluster->account != call.account.uuid || call.cluster->hidden)
      return Refuse(404, "cluster not found");
  }
  if (auto id = match.values.find("{node_pool_id}"); id != match.values.end()) {
    for (NodePool& pool : call.cluster->pools)
      if (pool.id == ToLower(id->second) && (!pool.deleting || world_.options.behaviour.show_deleting_pools))
        call.pool = &pool;
    if (!call.pool) return Refuse(404, "node pool not found");
  }
  return match.route->endpoint(call);
}

std::optional<Fault> Service::Strike(const http::Request& request, std::string_view path,
                                     const Token& token) {
  for (auto fault = faults.begin(); fault != faults.end(); ++fault) {
    if (!fault->method.empty() && fault->method != request.method) continue;
    if (path.find(fault->path) == std::string_view::npos) continue;
    if (token.fingerprint.find(fault->token) == std::string::npos) continue;
    if (fault->skip > 0) {
      --fault->skip;
      continue;
    }
    const Fault struck = *fault;
    ++faults_struck;
    if (fault->times == 1)
      faults.erase(fault);
    else if (fault->times > 1)
      --fault->times;
    return struck;
  }
  return std::nullopt;
}

std::optional<Fault> Service::StrikeByChance() {
  const Chances& chances = world_.options.chances;
  if (chances.fail_before <= 0 && chances.fail_after <= 0 && chances.cut_after <= 0) return std::nullopt;
  constexpr std::uint64_t kWhole = 1'000'000;
  const double drawn = static_cast<double>(world_.random.Below(kWhole)) / kWhole;
  Fault fault;
  fault.status = 500;
  fault.moment = drawn < chances.fail_before ? FaultMoment::kBefore : FaultMoment::kAfter;
  if (drawn >= chances.fail_before + chances.fail_after) fault.status = 0;
  if (drawn >= chances.fail_before + chances.fail_after + chances.cut_after) return std::nullopt;
  ++faults_struck;
  return fault;
}

Service::Result Service::DressFault(const Fault& fault, const RateLimiter::Verdict& limit, WallTime now) {
  Refused refused = Refuse(fault.status, fault.message);
  refused.value().id = fault.id;
  refused.value().retry_after = fault.retry_after;
  Result result = Dress(refused, limit, now);
  if (!fault.raw_body.empty()) result.response.body = fault.raw_body;
  result.cut = fault.status == 0;
  return result;
}

Service::Result Service::Dress(const Answer& answer, const RateLimiter::Verdict& limit, WallTime now) {
  Result result;
  http::Response& response = result.response;
  response.status = answer.status;
  response.body = answer.body;
  if (!answer.content_type.empty()) response.headers.Set("Content-Type", answer.content_type);
  const auto reset = (now + limit.until_reset).time_since_epoch();
  response.headers.Set("ratelimit-limit", StrCat(limit.limit));
  response.headers.Set("ratelimit-remaining", StrCat(limit.remaining));
  response.headers.Set("ratelimit-reset", StrCat(SecondsUp(reset)));
  const std::string request_id = world_.random.Uuid();
  response.headers.Set("x-request-id", request_id);
  if (!answer.refusal) return result;
  const Refusal& refusal = *answer.refusal;
  if (refusal.retry_after) response.headers.Set("retry-after", StrCat(SecondsUp(*refusal.retry_after)));
  response.headers.Set("Content-Type", "application/json; charset=utf-8");
  JsonWriter out;
  out.BeginObject()
      .Field("id", refusal.id.empty() ? UsualId(refusal.status) : refusal.id)
      .Field("message", refusal.message.empty() ? UsualMessage(refusal.status) : refusal.message)
      .Field("request_id", request_id)
      .EndObject();
  response.body = out.Take();
  return result;
}

}  // namespace capstan::simulated_digitalocean
