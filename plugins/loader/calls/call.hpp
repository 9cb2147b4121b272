// One call of a plugin function. It runs on a lane, concurrently with its caller, with its own
// memory, and keeps everything alive that the plugin's code can still use after the caller has left
// at its deadline.
//
// Ownership: a job owns the call, the instance and the output of the function. A plugin that
// returns late writes into memory that still exists and that nobody reads. Exceptions from a plugin
// function are caught here. Errors: kDeadlineExceeded and kCancelled when the caller left or no
// lane became free in time, kTooLarge when the input does not fit, kInternal when the plugin threw.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <capstan/plugin.h>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/calls/answer.hpp>
#include <capstan/plugins/loader/calls/input.hpp>
#include <capstan/plugins/loader/calls/lanes.hpp>
#include <capstan/plugins/loader/lending/lend.hpp>

namespace capstan::loader {

// The plugin's handle, and everything that must exist as long as its code can run. The destructor
// destroys the instance.
struct Instance {
  Instance(std::shared_ptr<const Plugin> of, std::shared_ptr<Lender> lent);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const std::shared_ptr<const Plugin> plugin;
  const std::shared_ptr<Lender> lender;
  capstan_instance_t* handle = nullptr;
};

// A session, and the credentials that must not appear in anything the plugin returns. The
// destructor disconnects it.
struct Session {
  Session(std::shared_ptr<Instance> of, external::Credentials with);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::shared_ptr<Instance> instance;
  const external::Credentials credentials;
  capstan_session_t* handle = nullptr;
};

// The output of a plugin function. Owned by the job, because the job can outlive its caller. T is a
// struct of the ABI, or one of these two:
struct NewId {};    // the function sets an id
struct Nothing {};  // the function sets an error only
template <class T>
struct Out {
  T* value = nullptr;
  capstan_text_t id{};
  capstan_error_t* error = nullptr;
  std::int32_t verdict = CAPSTAN_UNKNOWN;
  bool threw = false;
  std::string thrown;
};

// One thread at a time. `what` is a literal: the function's name, for messages. Lanes must outlive
// it.
class Caller {
 public:
  Caller(Lanes& lanes, Clock& clock, std::shared_ptr<Instance> instance, const AdaptOptions& options,
         std::string_view what, const Context& context);

  // The arguments of the function; fill them in before the call.
  Input& input() { return input_; }
  const Plugin& plugin() const { return *instance_->plugin; }

  // Calls `body(call, out)`, which must own everything it uses.
  template <class T, class Body>
  std::shared_ptr<Out<T>> Run(Body body) {
    auto out = std::make_shared<Out<T>>();
    if (!input_.complete()) {
      TooLarge();
      return out;
    }
    const auto job = [call = call_, instance = instance_, out, body = std::move(body)] {
      try {
        const Running here(*call);
        out->verdict = body(call.get(), *out);
      } catch (const std::exception& exception) {
        out->threw = true;
        out->thrown = exception.what();
      } catch (...) {
        out->threw = true;
      }
    };
    ran_ = lanes_.Run(job, call_->context);
    seen_ = call_->Close();
    // An abandoned call may still write to *out: it is not read.
    answered_ = ran_ == Lanes::Ran::kDone && !out->threw;
    if (!answered_) Explain(ran_ == Lanes::Ran::kDone ? out->thrown : "");
    return out;
  }

  // Calls `function(session, call, given..., output, error)`.
  template <class T, class Function, class... Given>
  std::shared_ptr<Out<T>> Ask(const std::shared_ptr<Session>& session, Function function, Given... given) {
    return Run<T>([session, function, given...](capstan_call_t* call, Out<T>& to) {
      if constexpr (std::is_same_v<T, Nothing>) {
        return function(session->handle, call, given..., &to.error);
      } else if constexpr (std::is_same_v<T, NewId>) {
        return function(session->handle, call, given..., &to.id, &to.error);
      } else {
        return function(session->handle, call, given..., &to.value, &to.error);
      }
    });
  }

  // Valid after the call. False: failure() says why there is no answer.
  bool answered() const { return answered_; }
  const Error& failure() const { return failure_; }
  // Whether code of the plugin may have run.
  bool started() const { return ran_ != Lanes::Ran::kNotStarted; }
  // The requests that the call sent.
  const std::vector<SentRequest>& seen() const { return seen_; }
  // Logs that the host did not accept the plugin's verdict.
  void ReportOverruled(external::Verdict said, const external::Outcome& judged) const;
  // Reads the answer.
  Answers answers() const { return Answers(instance_->plugin->image(), *call_, what_); }

 private:
  void Explain(const std::string& thrown);
  void TooLarge();

  Lanes& lanes_;
  const std::shared_ptr<Instance> instance_;
  const std::string_view what_;
  const std::shared_ptr<capstan_call> call_;
  Input input_;
  Lanes::Ran ran_ = Lanes::Ran::kNotStarted;
  bool answered_ = false;
  std::vector<SentRequest> seen_;
  Error failure_;
};

}  // namespace capstan::loader
