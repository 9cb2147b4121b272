#include <capstan/sdk/cpp/marshal.hpp>

#include <algorithm>
#include <cstring>
#include <new>

#include <capstan/sdk/cpp/json.hpp>

namespace capstan::sdk {
namespace {

// The numbers are the same on both sides and never change.
static_assert(static_cast<int>(Code::kCancelled) == CAPSTAN_CODE_CANCELLED);
static_assert(static_cast<int>(Code::kInvalidArgument) == CAPSTAN_CODE_INVALID_ARGUMENT);
static_assert(static_cast<int>(Code::kNotFound) == CAPSTAN_CODE_NOT_FOUND);
static_assert(static_cast<int>(Code::kAlreadyExists) == CAPSTAN_CODE_ALREADY_EXISTS);
static_assert(static_cast<int>(Code::kConflict) == CAPSTAN_CODE_CONFLICT);
static_assert(static_cast<int>(Code::kGone) == CAPSTAN_CODE_GONE);
static_assert(static_cast<int>(Code::kUnauthenticated) == CAPSTAN_CODE_UNAUTHENTICATED);
static_assert(static_cast<int>(Code::kPermissionDenied) == CAPSTAN_CODE_PERMISSION_DENIED);
static_assert(static_cast<int>(Code::kResourceExhausted) == CAPSTAN_CODE_RESOURCE_EXHAUSTED);
static_assert(static_cast<int>(Code::kTooLarge) == CAPSTAN_CODE_TOO_LARGE);
static_assert(static_cast<int>(Code::kUnsupportedMedia) == CAPSTAN_CODE_UNSUPPORTED_MEDIA);
static_assert(static_cast<int>(Code::kUnimplemented) == CAPSTAN_CODE_UNIMPLEMENTED);
static_assert(static_cast<int>(Code::kFailedPrecondition) == CAPSTAN_CODE_FAILED_PRECONDITION);
static_assert(static_cast<int>(Code::kDeadlineExceeded) == CAPSTAN_CODE_DEADLINE_EXCEEDED);
static_assert(static_cast<int>(Code::kUnavailable) == CAPSTAN_CODE_UNAVAILABLE);
static_assert(static_cast<int>(Code::kDataLoss) == CAPSTAN_CODE_DATA_LOSS);
static_assert(static_cast<int>(Code::kInternal) == CAPSTAN_CODE_INTERNAL);
static_assert(static_cast<int>(external::Verdict::kDone) == CAPSTAN_DONE);
static_assert(static_cast<int>(external::Verdict::kWait) == CAPSTAN_WAIT);
static_assert(static_cast<int>(external::Verdict::kRejected) == CAPSTAN_REJECTED);
static_assert(static_cast<int>(external::Verdict::kUnknown) == CAPSTAN_UNKNOWN);
static_assert(static_cast<int>(external::Verdict::kNotFound) == CAPSTAN_NOT_FOUND);
static_assert(static_cast<int>(external::Phase::kCreating) == CAPSTAN_CREATING);
static_assert(static_cast<int>(external::Phase::kReady) == CAPSTAN_READY);
static_assert(static_cast<int>(external::Phase::kUpdating) == CAPSTAN_UPDATING);
static_assert(static_cast<int>(external::Phase::kDegraded) == CAPSTAN_DEGRADED);
static_assert(static_cast<int>(external::Phase::kFailed) == CAPSTAN_FAILED);
static_assert(static_cast<int>(external::Phase::kDeleting) == CAPSTAN_DELETING);
static_assert(static_cast<int>(Sent::kNo) == CAPSTAN_NOT_SENT);
static_assert(static_cast<int>(Sent::kMaybe) == CAPSTAN_MAY_BE_SENT);
static_assert(static_cast<int>(Sent::kYes) == CAPSTAN_ANSWERED);

// A newer host may have phases unknown to this version: they count as a change in progress.
external::Phase ObservedPhase(const capstan_observed_t& from) {
  return from.phase >= CAPSTAN_CREATING && from.phase <= CAPSTAN_DELETING
             ? static_cast<external::Phase>(from.phase)
             : external::Phase::kUpdating;
}

// Copies the fields that both sides know; fields that an older host did not have are zero.
template <class T>
T Known(const T* from) {
  T known;
  capstan_copy_known(&known, sizeof known, from);
  return known;
}

Json TextList(const std::vector<std::string>& texts) {
  Json list = Json::EmptyArray();
  for (const std::string& text : texts) list.Append(text);
  return list;
}

Json TextMap(const std::map<std::string, std::string>& texts) {
  Json map = Json::EmptyObject();
  for (const auto& [name, value] : texts) map.Set(name, value);
  return map;
}

std::string_view IdentityName(external::IdentityKept kept) {
  switch (kept) {
    case external::IdentityKept::kTag:
      return "tag";
    case external::IdentityKept::kName:
      return "name";
    case external::IdentityKept::kNone:
      return "none";
  }
  return "none";
}

Json KindJson(const external::KindInfo& kind) {
  Json json;
  json.Set("group", kind.group)
      .Set("version", kind.version)
      .Set("kind", kind.kind)
      .Set("plural", kind.plural);
  json.Set("namespaced", kind.namespaced).Set("identity", IdentityName(kind.identity));
  json.Set("credentialsField", kind.credentials_field);
  json.Set("credentialKeys", TextList(kind.credential_keys));
  json.Set("credentialEnvironment", TextMap(kind.credential_environment));
  json.Set("connectionSuffix", kind.connection_suffix);
  json.Set("connectionStatusField", kind.connection_status_field);
  json.Set("idStatusField", kind.id_status_field).Set("phaseStatusField", kind.phase_status_field);
  json.Set("planStatusField", kind.plan_status_field);
  json.Set("associatedStatusField", kind.associated_status_field);
  json.Set("associatedKinds", TextList(kind.associated_kinds));
  json.Set("connectionFields", TextList(kind.connection_fields));
  json.Set("catalogs", TextList(kind.catalogs));
  json.Set("connectionSecretField", kind.connection_secret_field);
  json.Set("creatingLimitSeconds",
           std::chrono::duration_cast<std::chrono::seconds>(kind.creating_limit).count());
  return json;
}

Json QuotaJson(const external::Quota& quota) {
  Json json;
  json.Set("host", quota.host).Set("perMinute", quota.per_minute);
  json.Set("limitHeader", quota.limit_header).Set("remainingHeader", quota.remaining_header);
  json.Set("resetHeader", quota.reset_header);
  return json;
}

// Text that does not parse stays a string, so that the host's error names the field.
Json Document(const std::string& text) {
  auto parsed = Json::Parse(text);
  return parsed ? *std::move(parsed) : Json(text);
}

}  // namespace

void* CallMemory::Bytes(std::size_t size) const {
  void* memory = host_->alloc(call_, size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

capstan_text_t CallMemory::Text(std::string_view text) const {
  if (text.empty()) return {nullptr, 0};
  auto* memory = static_cast<char*>(Bytes(text.size()));
  std::memcpy(memory, text.data(), text.size());
  return {memory, text.size()};
}

capstan_error_t* CallMemory::Put(const Error& error) const {
  auto* out = New<capstan_error_t>();
  out->code = static_cast<std::int32_t>(error.code);
  out->sent = static_cast<std::int32_t>(error.sent);
  out->http_status = error.http_status;
  out->message = Text(error.message);
  out->reason = Text(error.reason);
  out->request_id = Text(error.request_id);
  // Zero means "not specified" in the ABI; an immediate retry becomes the shortest wait.
  out->retry_after_ns = error.retry_after ? std::max<std::int64_t>(1, error.retry_after->count()) : 0;
  return out;
}

capstan_observed_t* CallMemory::Put(const external::Observed& observed) const {
  auto* out = New<capstan_observed_t>();
  out->phase = static_cast<std::int32_t>(observed.phase);
  out->connectable = observed.connectable ? 1 : 0;
  out->id = Text(observed.id);
  out->name = Text(observed.name);
  out->identity = Text(observed.identity);
  out->owner = Text(observed.owner);
  out->message = Text(observed.message);
  out->created_at = Text(observed.created_at);
  out->status = Text(observed.status);
  out->state = Text(observed.state);
  return out;
}

capstan_page_t* CallMemory::Put(const external::Page& page) const {
  auto* out = New<capstan_page_t>();
  auto** items = Array<const capstan_observed_t*>(page.items.size());
  for (std::size_t i = 0; i < page.items.size(); ++i) items[i] = Put(page.items[i]);
  out->items = items;
  out->count = page.items.size();
  out->next = Text(page.next);
  out->has_total = page.total ? 1 : 0;
  out->total = page.total.value_or(0);
  return out;
}

capstan_step_t* CallMemory::Put(const external::Step& step) const {
  auto* out = New<capstan_step_t>();
  out->makes = step.makes ? 1 : 0;
  out->destroys = step.destroys ? 1 : 0;
  out->waits = step.waits ? 1 : 0;
  out->monthly_cost_change = step.monthly_cost_change;
  out->verb = Text(step.verb);
  out->target = Text(step.target);
  out->why = Text(step.why);
  out->arguments = Text(step.arguments);
  out->consumes = Text(step.consumes);
  return out;
}

capstan_plan_t* CallMemory::Put(const external::Plan& plan) const {
  auto* out = New<capstan_plan_t>();
  auto** steps = Array<const capstan_step_t*>(plan.steps.size());
  for (std::size_t i = 0; i < plan.steps.size(); ++i) steps[i] = Put(plan.steps[i]);
  auto** unsupported = Array<const capstan_unsupported_t*>(plan.unsupported.size());
  for (std::size_t i = 0; i < plan.unsupported.size(); ++i) {
    auto* item = New<capstan_unsupported_t>();
    item->field = Text(plan.unsupported[i].field);
    item->why = Text(plan.unsupported[i].why);
    unsupported[i] = item;
  }
  out->steps = steps;
  out->step_count = plan.steps.size();
  out->unsupported = unsupported;
  out->unsupported_count = plan.unsupported.size();
  auto** differences = Array<const capstan_difference_t*>(plan.differences.size());
  for (std::size_t i = 0; i < plan.differences.size(); ++i) {
    auto* item = New<capstan_difference_t>();
    item->field = Text(plan.differences[i].field);
    item->wanted = Text(plan.differences[i].wanted);
    item->seen = Text(plan.differences[i].seen);
    differences[i] = item;
  }
  out->differences = differences;
  out->difference_count = plan.differences.size();
  out->waiting = Text(plan.waiting);
  auto* spent = Array<capstan_text_t>(plan.spent.size());
  for (std::size_t i = 0; i < plan.spent.size(); ++i) spent[i] = Text(plan.spent[i]);
  out->spent = spent;
  out->spent_count = plan.spent.size();
  return out;
}

capstan_associated_list_t* CallMemory::Put(const std::vector<external::Associated>& associated) const {
  auto* out = New<capstan_associated_list_t>();
  auto** items = Array<const capstan_associated_t*>(associated.size());
  for (std::size_t i = 0; i < associated.size(); ++i) {
    auto* item = New<capstan_associated_t>();
    item->kind = Text(associated[i].kind);
    item->id = Text(associated[i].id);
    item->name = Text(associated[i].name);
    item->monthly_cost = associated[i].monthly_cost;
    items[i] = item;
  }
  out->items = items;
  out->count = associated.size();
  return out;
}

capstan_notice_list_t* CallMemory::Put(const std::vector<external::Notice>& notices) const {
  auto* out = New<capstan_notice_list_t>();
  auto** items = Array<const capstan_notice_t*>(notices.size());
  for (std::size_t i = 0; i < notices.size(); ++i) {
    auto* item = New<capstan_notice_t>();
    item->at = Text(notices[i].at);
    item->text = Text(notices[i].text);
    items[i] = item;
  }
  out->items = items;
  out->count = notices.size();
  return out;
}

capstan_offer_list_t* CallMemory::Put(const std::vector<external::Offer>& offers) const {
  auto* out = New<capstan_offer_list_t>();
  auto** items = Array<const capstan_offer_t*>(offers.size());
  for (std::size_t i = 0; i < offers.size(); ++i) {
    auto* item = New<capstan_offer_t>();
    item->unavailable = offers[i].available ? 0 : 1;
    item->value = Text(offers[i].value);
    item->name = Text(offers[i].name);
    item->details = Text(offers[i].details);
    items[i] = item;
  }
  out->items = items;
  out->count = offers.size();
  return out;
}

capstan_connection_t* CallMemory::Put(const external::Connection& connection) const {
  auto* out = New<capstan_connection_t>();
  auto* entries = Array<capstan_entry_t>(connection.data.size());
  std::size_t i = 0;
  for (const auto& [name, value] : connection.data) entries[i++] = {Text(name), Text(value.Reveal())};
  out->entries = entries;
  out->count = i;
  out->has_expiry = connection.expires ? 1 : 0;
  out->expires_wall_ns = connection.expires ? connection.expires->time_since_epoch().count() : 0;
  return out;
}

capstan_account_t* CallMemory::Put(const external::Account& account) const {
  auto* out = New<capstan_account_t>();
  out->id = Text(account.id);
  out->description = Text(account.description);
  return out;
}

capstan_http_request_t* CallMemory::Put(const http::Request& request) const {
  auto* out = New<capstan_http_request_t>();
  const auto& fields = request.headers.fields();
  auto* headers = Array<capstan_entry_t>(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    headers[i] = {Text(fields[i].first), Text(fields[i].second)};
  out->method = Text(request.method);
  out->url = Text(request.url);
  out->headers = headers;
  out->header_count = fields.size();
  out->body = Text(request.body);
  out->response_limit = request.response_limit;
  return out;
}

Error Take(const capstan_error_t* from) {
  Error taken;
  if (from == nullptr) {
    taken.message = "the host gave no reason";
    return taken;
  }
  const auto error = Known(from);
  if (error.code >= CAPSTAN_CODE_CANCELLED && error.code <= CAPSTAN_CODE_INTERNAL) {
    taken.code = static_cast<Code>(error.code);
  }
  taken.message = Take(error.message);
  taken.sent = error.sent == CAPSTAN_NOT_SENT   ? Sent::kNo
               : error.sent == CAPSTAN_ANSWERED ? Sent::kYes
                                                : Sent::kMaybe;
  taken.http_status = error.http_status;
  taken.reason = Take(error.reason);
  taken.request_id = Take(error.request_id);
  if (error.retry_after_ns > 0) taken.retry_after = std::chrono::nanoseconds(error.retry_after_ns);
  return taken;
}

external::Identity Take(const capstan_identity_t* from) {
  if (from == nullptr) return {};
  const auto identity = Known(from);
  return {Take(identity.tag), Take(identity.owner), Take(identity.parent), Take(identity.target)};
}

external::Observed Take(const capstan_observed_t* from) {
  const auto observed = Known(from);
  external::Observed taken;
  taken.id = Take(observed.id);
  taken.name = Take(observed.name);
  taken.identity = Take(observed.identity);
  taken.owner = Take(observed.owner);
  taken.phase = ObservedPhase(observed);
  taken.message = Take(observed.message);
  taken.created_at = Take(observed.created_at);
  taken.status = Take(observed.status);
  taken.state = Take(observed.state);
  taken.connectable = observed.connectable != 0;
  return taken;
}

external::Step Take(const capstan_step_t* from) {
  const auto step = Known(from);
  external::Step taken;
  taken.verb = Take(step.verb);
  taken.target = Take(step.target);
  taken.why = Take(step.why);
  taken.makes = step.makes != 0;
  taken.destroys = step.destroys != 0;
  taken.waits = step.waits != 0;
  taken.monthly_cost_change = step.monthly_cost_change;
  taken.arguments = Take(step.arguments);
  taken.consumes = Take(step.consumes);
  return taken;
}

external::DeleteOptions Take(const capstan_remove_options_t* from) {
  external::DeleteOptions taken;
  if (from == nullptr) return taken;
  const auto options = Known(from);
  for (std::size_t i = 0; i < options.associated_count; ++i) {
    const auto item = Known(options.associated[i]);
    taken.associated.push_back({Take(item.kind), Take(item.id), Take(item.name), item.monthly_cost});
  }
  return taken;
}

external::Credentials TakeCredentials(const capstan_entry_t* entries, std::size_t count) {
  external::Credentials credentials;
  for (std::size_t i = 0; i < count; ++i)
    credentials.data[Take(entries[i].name)] = Secret(Take(entries[i].value));
  return credentials;
}

http::Response Take(const capstan_http_response_t* from) {
  const auto response = Known(from);
  http::Response taken;
  taken.status = response.status;
  for (std::size_t i = 0; i < response.header_count; ++i) {
    taken.headers.Add(View(response.headers[i].name), Take(response.headers[i].value));
  }
  taken.body = Take(response.body);
  return taken;
}

std::string ManifestText(const external::Manifest& manifest) {
  Json json;
  json.Set("name", manifest.name).Set("version", manifest.version).Set("description", manifest.description);
  Json kinds = Json::EmptyArray();
  for (const external::KindInfo& kind : manifest.kinds) kinds.Append(KindJson(kind));
  json.Set("kinds", std::move(kinds));
  Json crds = Json::EmptyArray();
  for (const std::string& crd : manifest.crds) crds.Append(Document(crd));
  json.Set("crds", std::move(crds));
  json.Set("allowedHosts", TextList(manifest.allowed_hosts));
  Json quotas = Json::EmptyArray();
  for (const external::Quota& quota : manifest.quotas) quotas.Append(QuotaJson(quota));
  json.Set("quotas", std::move(quotas));
  if (!manifest.config_schema.empty()) json.Set("configSchema", Document(manifest.config_schema));
  json.Set("configEnvironment", TextMap(manifest.config_environment));
  json.Set("maxConcurrency", std::int64_t{manifest.max_concurrency});
  return json.ToText();
}

}  // namespace capstan::sdk
