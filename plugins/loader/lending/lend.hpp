// The services that the host lends to one plugin instance (capstan_host_t) and its state for one
// call (capstan_call_t): memory, deadline, cancellation, and a record of the requests. After Close
// the services no longer reach the seams, so that an abandoned call cannot use destroyed objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/plugin.h>
#include <capstan/core/base/context.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/plugins/loader/lending/allowed_hosts.hpp>
#include <capstan/plugins/loader/lending/judge.hpp>
#include <capstan/plugins/loader/lending/redact.hpp>
#include <capstan/plugins/loader/seams.hpp>

namespace capstan::loader {

// Memory that is wiped before it is freed. One thread at a time.
class Arena {
 public:
  explicit Arena(std::size_t limit) : limit_(limit) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Zeroed, aligned for any type; null beyond the limit or when the machine is out of memory.
  void* Allocate(std::size_t size);
  // Whether [data, data + size) is inside one allocation.
  bool Contains(const void* data, std::size_t size) const;
  // A copy of the text in this arena; empty beyond the limit.
  capstan_text_t Copy(std::string_view text);

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
    std::size_t used = 0;
  };
  std::size_t limit_;
  std::size_t total_ = 0;
  std::vector<Block> blocks_;
};

class Lender;

}  // namespace capstan::loader

// One call, as the ABI names it. The host creates it before it calls the plugin. Its contents do
// not outlive the call: its memory is wiped and freed, and requests after Close are refused.
// Thread-safe, except that `arena` is for one thread at a time.
struct capstan_call {
  capstan_call(std::shared_ptr<capstan::loader::Lender> owner, std::string_view function,
               capstan::Context until, std::size_t limit)
      : lender(std::move(owner)), effect(function), context(std::move(until)), arena(limit) {}

  // Ends the sending of requests by this call, and returns those it sent. For the caller that
  // leaves.
  std::vector<capstan::loader::SentRequest> Close();
  // Fields for log lines about this call, next to the plugin: effect, and if it is traced object
  // and trace_id.
  std::vector<capstan::LogField> Fields() const;

  const std::shared_ptr<capstan::loader::Lender> lender;
  const std::string_view effect;  // the core's name for the plugin's function, a literal
  const capstan::Context context;
  capstan::loader::Arena arena;

 private:
  friend class capstan::loader::Lender;
  capstan::Mutex mutex_;
  bool closed_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::vector<capstan::loader::SentRequest> seen_ CAPSTAN_GUARDED_BY(mutex_);
};

namespace capstan::loader {

struct LenderOptions {
  std::string plugin;  // for log lines and messages
  // Advice in messages about faults of the plugin.
  std::string remedy = "update the plugin";
  // Bytes that a call can allocate, responses of the cloud included.
  std::size_t call_memory = std::size_t{256} << 20;
  std::size_t response_limit = std::size_t{64} << 20;  // bytes of one response
  bool http = true;                                    // false while a manifest is read
};

// The host's table for one plugin instance, and the functions behind it. Every request is checked
// against the allowed hosts, the response limit and the call's deadline before it reaches the
// transport; every log line and error passes through the redactor. A plugin cannot make it throw:
// failures are returned as errors of the ABI.
//
// A log line of the plugin is attributed to the call that runs on its thread (Running), because the
// ABI passes no call to `log`.
//
// Thread-safe. The seams must outlive Close.
class Lender : public std::enable_shared_from_this<Lender> {
 public:
  Lender(Seams seams, AllowedHosts hosts, LenderOptions options);
  ~Lender();
  Lender(const Lender&) = delete;
  Lender& operator=(const Lender&) = delete;

  const capstan_host_t* host() const { return &table_.host; }
  // `effect`: a literal; see capstan_call.
  std::shared_ptr<capstan_call> NewCall(std::string_view effect, const Context& context);
  Redactor& redactor() { return redactor_; }
  const std::string& plugin() const { return options_.plugin; }
  const std::string& remedy() const { return options_.remedy; }
  // A text of the plugin with secrets redacted. Logs if it contained one.
  std::string Clean(std::string_view text, const capstan_call& call);
  // Logs a warning about the plugin's behaviour in this call; no effect after Close.
  void Warn(std::string_view message, const capstan_call& call, std::vector<LogField> fields);

  // Refuses all requests from now on, and returns when no call uses the seams any more.
  void Close();

 private:
  struct Table {
    capstan_host_t host;
    Lender* lender;
  };
  class Inside;
  static Lender& Of(const capstan_host_t* host);
  static void* Alloc(capstan_call_t* call, std::size_t size);
  static std::int32_t Http(capstan_call_t* call, const capstan_http_request_t* request,
                           capstan_http_response_t** response, capstan_error_t** error);
  static std::int32_t CarryInto(capstan_call_t* call, const capstan_http_request_t* request,
                                capstan_http_response_t** response, capstan_error_t** error);
  static std::int32_t Cancelled(capstan_call_t* call);
  static std::int64_t Deadline(capstan_call_t* call);
  static std::int64_t Monotonic(const capstan_host_t* host);
  static std::int64_t Wall(const capstan_host_t* host);
  static std::uint64_t Bits(const capstan_host_t* host);
  static void Say(const capstan_host_t* host, std::int32_t level, capstan_text_t message,
                  const capstan_entry_t* fields, std::size_t count);
  static capstan_text_t TraceParent(capstan_call_t* call);
  static const void* Extension(const capstan_host_t* host, capstan_text_t name);

  Result<http::Response> Carry(capstan_call_t& call, const capstan_http_request_t& from);
  Result<http::Request> ReadRequest(const capstan_http_request_t& request) const;

  // Constant after construction; redactor_ provides its own synchronization.
  Table table_;
  const Seams seams_;
  const AllowedHosts hosts_;
  const LenderOptions options_;
  Redactor redactor_;

  // Guarded by mutex_.
  Mutex mutex_;
  Event left_;
  int inside_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  bool closed_ CAPSTAN_GUARDED_BY(mutex_) = false;
};

// Marks the scope in which this thread runs the plugin's code for `call`, which must outlive it.
// Tasks of a scheduler that share one thread switch only inside the lent `http`, which handles
// that.
class Running {
 public:
  explicit Running(const capstan_call& call);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
};

// An error in the memory of a call; null when its limit is exhausted.
capstan_error_t* PutError(Arena& arena, const Error& error);

}  // namespace capstan::loader
