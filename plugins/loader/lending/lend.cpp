#include <capstan/plugins/loader/lending/lend.hpp>

#include <string.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/host_corrections.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/trace/trace.hpp>
#include <capstan/plugins/loader/lending/known.hpp>

namespace capstan::loader {
namespace {

constexpr std::size_t kBlock = std::size_t{16} << 10;
constexpr std::size_t kAlign = alignof(std::max_align_t);

// The call whose code runs on this thread. Null while its task may yield the thread to another one.
thread_local const capstan_call* running = nullptr;

std::string_view View(capstan_text_t text) {
  return text.size == 0 || text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

// The host's fields take precedence: a plugin's field of the same name is renamed.
std::string NameBesides(const std::vector<LogField>& known, std::string name) {
  const bool taken =
      std::any_of(known.begin(), known.end(), [&](const LogField& field) { return field.key == name; });
  return taken ? "plugin_" + name : name;
}

}  // namespace

Running::Running(const capstan_call& call) { running = &call; }
Running::~Running() { running = nullptr; }

Arena::~Arena() {
  for (Block& block : blocks_) explicit_bzero(block.bytes.get(), block.used);
}

void* Arena::Allocate(std::size_t size) {
  if (size > limit_ || total_ > limit_ - size) return nullptr;
  const std::size_t rounded = (std::max<std::size_t>(size, 1) + kAlign - 1) / kAlign * kAlign;
  if (blocks_.empty() || blocks_.back().size - blocks_.back().used < rounded) {
    const std::size_t bytes = std::max(rounded, kBlock);
    Block block;
    block.bytes.reset(new (std::nothrow) std::byte[bytes]());
    if (!block.bytes) return nullptr;
    block.size = bytes;
    blocks_.push_back(std::move(block));
  }
  Block& block = blocks_.back();
  void* memory = block.bytes.get() + block.used;
  block.used += rounded;
  total_ += rounded;
  return memory;
}

bool Arena::Contains(const void* data, std::size_t size) const {
  const auto begin = reinterpret_cast<std::uintptr_t>(data);
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    const auto start = reinterpret_cast<std::uintptr_t>(block.bytes.get());
    return begin >= start && begin - start <= block.used && size <= block.used - (begin - start);
  });
}

capstan_text_t Arena::Copy(std::string_view text) {
  if (text.empty()) return {nullptr, 0};
  auto* memory = static_cast<char*>(Allocate(text.size()));
  if (memory == nullptr) return {nullptr, 0};
  std::copy(text.begin(), text.end(), memory);
  return {memory, text.size()};
}

capstan_error_t* PutError(Arena& arena, const Error& error) {
  auto* out = static_cast<capstan_error_t*>(arena.Allocate(sizeof(capstan_error_t)));
  if (out == nullptr) return nullptr;
  out->struct_size = sizeof(capstan_error_t);
  out->code = static_cast<std::int32_t>(error.code);
  out->sent = static_cast<std::int32_t>(error.sent);
  out->http_status = error.http_status;
  out->message = arena.Copy(error.message);
  out->reason = arena.Copy(error.reason);
  out->request_id = arena.Copy(error.request_id);
  if (error.retry_after) out->retry_after_ns = std::max<std::int64_t>(1, error.retry_after->count());
  return out;
}

// Counts the calls inside the seams; none can enter once the lender is closed.
class Lender::Inside {
 public:
  explicit Inside(Lender& lender) : lender_(lender) {
    MutexLock lock(lender_.mutex_);
    entered_ = !lender_.closed_;
    if (entered_) ++lender_.inside_;
  }
  ~Inside() {
    if (!entered_) return;
    MutexLock lock(lender_.mutex_);
    // Notified under the lock: once the last call has left, the scheduler may be destroyed.
    if (--lender_.inside_ == 0 && lender_.closed_) lender_.seams_.scheduler.Notify(lender_.left_);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  explicit operator bool() const { return entered_; }

 private:
  Lender& lender_;
  bool entered_ = false;
};

Lender::Lender(Seams seams, AllowedHosts hosts, LenderOptions options)
    : table_{{sizeof(capstan_host_t), CAPSTAN_ABI, &Alloc, &Http, &Cancelled, &Deadline, &Monotonic, &Wall,
              &Bits, &Say, &Extension},
             this},
      seams_(seams),
      hosts_(std::move(hosts)),
      options_(std::move(options)) {}

Lender::~Lender() { Close(); }

void Lender::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  while (inside_ > 0) seams_.scheduler.Wait(left_, lock, kForever, Context{});
}

std::string Lender::Clean(std::string_view text, const capstan_call& call) {
  bool blotted = false;
  std::string clean = redactor_.Clean(text, &blotted);
  if (blotted) Warn(external::kRedacted, call, {{"text", Shorten(clean, 256)}});
  return clean;
}

void Lender::Warn(std::string_view message, const capstan_call& call, std::vector<LogField> fields) {
  Inside inside(*this);
  if (!inside) return;
  std::vector<LogField> all = call.Fields();
  all.insert(all.end(), fields.begin(), fields.end());
  seams_.log.Write(LogLevel::kWarning, message, all);
}

std::shared_ptr<capstan_call> Lender::NewCall(std::string_view effect, const Context& context) {
  return std::make_shared<capstan_call>(shared_from_this(), effect, context, options_.call_memory);
}

Lender& Lender::Of(const capstan_host_t* host) {
  static_assert(offsetof(Table, host) == 0);
  return *reinterpret_cast<const Table*>(host)->lender;
}

void* Lender::Alloc(capstan_call_t* call, std::size_t size) { return call->arena.Allocate(size); }

std::int32_t Lender::Cancelled(capstan_call_t* call) {
  if (call->context.stopped()) return 1;
  Inside inside(*call->lender);
  return !inside || call->lender->seams_.scheduler.Now() >= call->context.deadline ? 1 : 0;
}

std::int64_t Lender::Deadline(capstan_call_t* call) {
  static_assert(kForever.time_since_epoch().count() == std::numeric_limits<std::int64_t>::max());
  return call->context.deadline.time_since_epoch().count();
}

std::int64_t Lender::Monotonic(const capstan_host_t* host) {
  Lender& lender = Of(host);
  Inside inside(lender);
  // Past every deadline, for an abandoned call.
  return inside ? lender.seams_.scheduler.Now().time_since_epoch().count()
                : std::numeric_limits<std::int64_t>::max();
}

std::int64_t Lender::Wall(const capstan_host_t* host) {
  Lender& lender = Of(host);
  Inside inside(lender);
  return inside ? lender.seams_.scheduler.WallNow().time_since_epoch().count() : 0;
}

std::uint64_t Lender::Bits(const capstan_host_t* host) {
  Lender& lender = Of(host);
  Inside inside(lender);
  return inside ? lender.seams_.random.Next() : 0;
}

void Lender::Say(const capstan_host_t* host, std::int32_t level, capstan_text_t message,
                 const capstan_entry_t* fields, std::size_t count) {
  Lender& lender = Of(host);
  Inside inside(lender);
  const auto at = level <= CAPSTAN_DEBUG     ? LogLevel::kDebug
                  : level == CAPSTAN_INFO    ? LogLevel::kInfo
                  : level == CAPSTAN_WARNING ? LogLevel::kWarning
                                             : LogLevel::kError;
  if (!inside || !lender.seams_.log.Enabled(at)) return;
  constexpr std::size_t kLimit = 4096;
  bool any = false;
  const auto clean = [&](capstan_text_t text) {
    bool blotted = false;
    std::string plain = Shorten(lender.redactor_.Clean(View(text).substr(0, kLimit), &blotted), kLimit);
    any = any || blotted;
    return plain;
  };
  const std::size_t kept = fields == nullptr ? 0 : std::min<std::size_t>(count, 32);
  std::vector<std::string> names;  // LogField keeps a view of its name
  names.reserve(kept);
  // Fields of another instance's call are not logged: a plugin may keep a host's table and use it
  // in another instance.
  const bool ours = running != nullptr && running->lender.get() == &lender;
  const std::vector<LogField> hosts =
      ours ? running->Fields() : std::vector<LogField>{{"plugin", lender.options_.plugin}};
  std::vector<LogField> logged = hosts;
  for (std::size_t i = 0; i < kept; ++i) {
    names.push_back(NameBesides(hosts, clean(fields[i].name)));
    logged.emplace_back(names.back(), clean(fields[i].value));
  }
  const std::string plain = clean(message);
  lender.seams_.log.Write(at, plain, logged);
  if (!any) return;
  std::vector<LogField> blotted = hosts;
  blotted.emplace_back("text", plain);
  lender.seams_.log.Write(LogLevel::kWarning, external::kRedacted, blotted);
}

// Only for traced calls: an id for log lines alone is not a trace context.
capstan_text_t Lender::TraceParent(capstan_call_t* call) {
  const auto& span = call->context.span;
  return span && span->ids().sampled ? call->arena.Copy(span->ids().TraceParent()) : capstan_text_t{};
}

const void* Lender::Extension(const capstan_host_t*, capstan_text_t name) {
  static constexpr capstan_trace_t kTrace = [] {
    capstan_trace_t trace{};
    trace.struct_size = sizeof(capstan_trace_t);
    trace.trace_parent = &TraceParent;
    return trace;
  }();
  return View(name) == CAPSTAN_TRACE_EXTENSION ? &kTrace : nullptr;
}

Result<http::Request> Lender::ReadRequest(const capstan_http_request_t& request) const {
  const auto bad = [&](std::string_view what) {
    return Fail(Code::kInvalidArgument,
                StrCat("the plugin ", options_.plugin, " sent a request ", what, "; ", options_.remedy));
  };
  if (request.header_count > 256 || (request.header_count > 0 && request.headers == nullptr))
    return bad("with malformed headers");
  http::Request asked;
  asked.method = View(request.method);
  asked.url = View(request.url);
  if (asked.method.empty() ||
      asked.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) {
    return bad("without a proper method");
  }
  for (std::size_t i = 0; i < request.header_count; ++i) {
    const std::string_view name = View(request.headers[i].name);
    const std::string_view value = View(request.headers[i].value);
    if (name.empty() || name.find_first_of("\r\n: ") != std::string_view::npos ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      return bad("with a malformed header");
    }
    asked.headers.Add(name, std::string(value));
  }
  asked.body = View(request.body);
  asked.response_limit = options_.response_limit;
  if (request.response_limit != 0) {
    asked.response_limit =
        static_cast<std::size_t>(std::min<std::uint64_t>(request.response_limit, options_.response_limit));
  }
  return asked;
}

Result<http::Response> Lender::Carry(capstan_call_t& call, const capstan_http_request_t& from) {
  if (!options_.http) {
    return Fail(Code::kFailedPrecondition, "a plugin may not send requests while it describes itself");
  }
  if (from.struct_size < kSizeIn10<capstan_http_request_t>) {
    return Fail(Code::kInvalidArgument,
                StrCat("the plugin ", options_.plugin, " sent a request that is shorter than ABI 1.0 says; ",
                       options_.remedy));
  }
  const capstan_http_request_t request = CopyKnown(&from);
  CAPSTAN_TRY(http::Request asked, ReadRequest(request));
  CAPSTAN_TRY(const http::Url url, http::ParseUrl(asked.url));
  CAPSTAN_RETURN_IF_ERROR(hosts_.Check(url));
  Context context = call.context;
  if (request.deadline_ns != 0) context = context.Until(Instant(Duration(request.deadline_ns)));

  const bool changes = !http::IsSafe(asked.method);
  std::size_t mine = 0;
  {
    MutexLock lock(call.mutex_);
    if (call.closed_) return Fail(Code::kCancelled, "the call is over; nothing more is sent for it");
    mine = call.seen_.size();
    // The assumption until the result is known.
    call.seen_.push_back({changes, Sent::kMaybe, 0});
  }
  const capstan_call* const running_here = std::exchange(running, nullptr);
  Result<http::Response> answer = seams_.transport.Send(asked, context);
  running = running_here;
  MutexLock lock(call.mutex_);
  call.seen_[mine].sent = answer ? Sent::kYes : answer.error().sent;
  call.seen_[mine].status = answer ? answer->status : answer.error().http_status;
  // A truncated response is a response, but does not tell what was done.
  if (!answer && answer.error().sent == Sent::kYes && answer.error().http_status == 0) {
    call.seen_[mine].sent = Sent::kMaybe;
  }
  return answer;
}

std::int32_t Lender::CarryInto(capstan_call_t* call, const capstan_http_request_t* request,
                               capstan_http_response_t** response, capstan_error_t** error) {
  Lender& lender = *call->lender;
  Inside inside(lender);
  Result<http::Response> answer =
      !inside ? Fail(Code::kCancelled, "the plugin's instance is gone; nothing more is sent for it")
              : lender.Carry(*call, *request);
  if (!answer) {
    Error why = answer.error();
    why.message = lender.redactor_.Clean(why.message);
    *error = PutError(call->arena, why);
    return why.sent == Sent::kNo ? CAPSTAN_NOT_SENT : CAPSTAN_MAY_BE_SENT;
  }
  Arena& arena = call->arena;
  auto* out = static_cast<capstan_http_response_t*>(arena.Allocate(sizeof(capstan_http_response_t)));
  const auto& fields = answer->headers.fields();
  auto* headers = static_cast<capstan_entry_t*>(arena.Allocate(sizeof(capstan_entry_t) * fields.size()));
  const capstan_text_t body = arena.Copy(answer->body);
  if (out == nullptr || headers == nullptr || body.size != answer->body.size()) {
    *error = PutError(arena, MakeError(Code::kTooLarge,
                                       StrCat("the answer of ", answer->body.size(),
                                              " bytes does not fit into the memory of the call"),
                                       Sent::kMaybe));
    return CAPSTAN_MAY_BE_SENT;
  }
  for (std::size_t i = 0; i < fields.size(); ++i)
    headers[i] = {arena.Copy(fields[i].first), arena.Copy(fields[i].second)};
  out->struct_size = sizeof(capstan_http_response_t);
  out->status = answer->status;
  out->headers = headers;
  out->header_count = fields.size();
  out->body = body;
  *response = out;
  return CAPSTAN_ANSWERED;
}

std::int32_t Lender::Http(capstan_call_t* call, const capstan_http_request_t* request,
                          capstan_http_response_t** response, capstan_error_t** error) {
  try {
    return CarryInto(call, request, response, error);
  } catch (...) {
    // Probably out of memory. The exception must not unwind through a plugin, which may be C.
    *error = nullptr;
    return CAPSTAN_MAY_BE_SENT;
  }
}

}  // namespace capstan::loader

std::vector<capstan::LogField> capstan_call::Fields() const {
  std::vector<capstan::LogField> fields = {{"plugin", lender->plugin()}, {"effect", effect}};
  if (!context.span) return fields;
  if (!context.span->object().empty()) fields.emplace_back("object", context.span->object());
  fields.emplace_back("trace_id", context.span->ids().TraceText());
  return fields;
}

std::vector<capstan::loader::SentRequest> capstan_call::Close() {
  capstan::MutexLock lock(mutex_);
  closed_ = true;
  return seen_;
}
