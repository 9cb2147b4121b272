// What the host lends to one plugin instance (capstan_host_t) and keeps of one call
// (capstan_call_t): memory, deadline, cancellation, and a record of what was sent. After Close
// nothing lent reaches the seams any more, so that a call that was left behind cannot touch what is
// gone.
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

// Memory that is wiped before it is given back. One thread at a time.
class Arena {
 public:
  explicit Arena(std::size_t limit) : limit_(limit) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Zeroed, aligned for any type; null beyond the limit or when the machine has no more.
  void* Allocate(std::size_t size);
  // Whether [data, data + size) lies in one piece that Allocate gave out.
  bool Contains(const void* data, std::size_t size) const;
  // A copy of text in here; empty beyond the limit.
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

// One call, as the ABI names it. The host creates it before the plugin is called. Nothing of it
// outlives the call: its memory is wiped and freed, and a request after Close is refused.
// Thread-safe; `arena` is for one thread at a time.
struct capstan_call {
  capstan_call(std::shared_ptr<capstan::loader::Lender> owner, std::string_view function,
               capstan::Context until, std::size_t limit)
      : lender(std::move(owner)), effect(function), context(std::move(until)), arena(limit) {}

  // Ends what this call may still send, and returns what it has. For the caller that leaves.
  std::vector<capstan::loader::SentRequest> Close();
  // What log lines say of it next to the plugin: effect, and of a traced one object and trace_id.
  std::vector<capstan::LogField> Fields() const;

  const std::shared_ptr<capstan::loader::Lender> lender;
  const std::string_view effect;  // the core's word for the plugin's function, a literal
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
  // What messages advise where the plugin is at fault.
  std::string remedy = "update the plugin";
  // Bytes a call may allocate, answers of the cloud included.
  std::size_t call_memory = std::size_t{256} << 20;
  std::size_t response_limit = std::size_t{64} << 20;  // bytes of one answer
  bool http = true;                                    // false while a manifest is read
};

// The host's table for one plugin instance, and the functions behind it. Every request passes the
// allowed hosts, the limit of one answer and the call's deadline before it reaches the transport;
// every log line and error passes the redactor. A plugin cannot make it throw: what goes wrong
// comes back as an error of the ABI.
//
// A log line of the plugin belongs to the call whose code runs on the thread that it comes from
// (Running), and says so: the ABI gives `log` no call.
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
  // A text of the plugin without secrets. Logs that it held one.
  std::string Clean(std::string_view text, const capstan_call& call);
  // A warning about what the plugin did in this call; nothing once it is closed.
  void Warn(std::string_view message, const capstan_call& call, std::vector<LogField> fields);

  // Refuses everything from now on, and returns when nobody is inside the seams any more.
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

// From here to the end of the block this thread runs the plugin's code for `call`, which must
// outlive it. Tasks of a scheduler that share one thread take turns only inside of the lent `http`,
// which minds that.
class Running {
 public:
  explicit Running(const capstan_call& call);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
};

// An error in the memory of a call; null when there is none left.
capstan_error_t* PutError(Arena& arena, const Error& error);

}  // namespace capstan::loader
