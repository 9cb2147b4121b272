// One call of a plugin function: on a lane next to its caller, with its own memory, and with
// everything kept alive that the plugin's code may still use after the caller has left at its
// deadline.
//
// Ownership: a job owns the call, the instance and the place where the answer goes, so a plugin
// that returns late writes into memory that is still there, and no one reads it. Exceptions that a
// plugin lets out of its function end here. Errors: kDeadlineExceeded and kCancelled when the
// caller left or no lane was free in time, kTooLarge when the input does not fit, kInternal when
// the plugin threw.
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

// The plugin's handle, and all that must be there as long as any code of it may run. Destroys the
// instance.
struct Instance {
  Instance(std::shared_ptr<const Plugin> of, std::shared_ptr<Lender> lent);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const std::shared_ptr<const Plugin> plugin;
  const std::shared_ptr<Lender> lender;
  capstan_instance_t* handle = nullptr;
};

// A session, and the credentials that must not show in anything the plugin says. Disconnects.
struct Session {
  Session(std::shared_ptr<Instance> of, external::Credentials with);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::shared_ptr<Instance> instance;
  const external::Credentials credentials;
  capstan_session_t* handle = nullptr;
};

// What a plugin function writes to. Owned by the job, because the job may outlast its caller. T is
// a struct of the ABI, or one of these two:
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

  // Write there what the function is given, before the call.
  Input& input() { return input_; }
  const Plugin& plugin() const { return *instance_->plugin; }

  // Calls `body(call, out)`, which owns all that it uses.
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
    // What was left behind may still write to *out: nobody looks at it.
    answered_ = ran_ == Lanes::Ran::kDone && !out->threw;
    if (!answered_) Explain(ran_ == Lanes::Ran::kDone ? out->thrown : "");
    return out;
  }

  // Calls `function(session, call, given..., where the answer goes, where the error goes)`.
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

  // After the call. False: failure() says why there is no answer.
  bool answered() const { return answered_; }
  const Error& failure() const { return failure_; }
  // Whether code of the plugin may have run.
  bool started() const { return ran_ != Lanes::Ran::kNotStarted; }
  // What it sent.
  const std::vector<SentRequest>& seen() const { return seen_; }
  // Tells that what the plugin said is not what the host goes by.
  void TellOverruled(external::Verdict said, const external::Outcome& judged) const;
  // To read the answer with.
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
