#include <capstan/sdk/cpp/plugin.hpp>

#include <exception>
#include <new>
#include <utility>

#include <capstan/sdk/cpp/lent.hpp>
#include <capstan/sdk/cpp/marshal.hpp>

// The types that the ABI leaves to the plugin to define.
struct capstan_instance {
  explicit capstan_instance(const capstan_host_t* lender)
      : host(lender), transport(lender), clock(lender), random(lender), log(lender) {}
  const capstan_host_t* host;
  capstan::sdk::LentTransport transport;
  capstan::sdk::LentClock clock;
  capstan::sdk::LentRandom random;
  capstan::sdk::LentLog log;
  std::unique_ptr<capstan::external::Provider> provider;  // declared after its dependencies
};

struct capstan_session {
  const capstan_host_t* host;
  std::unique_ptr<capstan::external::External> external;
};

namespace capstan::sdk {
namespace {

std::int32_t Number(Verdict verdict) { return static_cast<std::int32_t>(verdict); }

// Stores the error for the host. When out of memory, the host does without it.
void Report(const CallMemory& memory, const Error& why, capstan_error_t** error) noexcept {
  try {
    *error = memory.Put(why);
  } catch (...) {
    *error = nullptr;
  }
}

void Report(const CallMemory& memory, std::string_view what, capstan_error_t** error) noexcept {
  try {
    Report(memory, MakeError(Code::kInternal, "the plugin failed: " + std::string(what), Sent::kMaybe),
           error);
  } catch (...) {
    *error = nullptr;
  }
}

// Runs `body` as one call of the host. Every exception is caught here; what was done before it is
// unknown.
template <class Body>
std::int32_t Guarded(const capstan_host_t* host, capstan_call_t* call, capstan_error_t** error,
                     Body body) noexcept {
  const CallMemory memory(host, call);
  try {
    CallScope scope(host, call);
    return body(memory, scope.context());
  } catch (const std::exception& exception) {
    Report(memory, exception.what(), error);
  } catch (...) {
    Report(memory, "it threw something that is no std::exception", error);
  }
  return CAPSTAN_UNKNOWN;
}

// The answer of a read-only operation.
template <class T, class Out>
std::int32_t Answer(const CallMemory& memory, const Result<T>& result, Out** out, capstan_error_t** error) {
  if (!result) {
    Report(memory, result.error(), error);
    return CAPSTAN_UNKNOWN;
  }
  *out = memory.Put(*result);
  return CAPSTAN_DONE;
}

std::int32_t Answer(const CallMemory& memory, const Outcome& outcome, capstan_text_t* id,
                    capstan_error_t** error) {
  if (outcome.error) Report(memory, *outcome.error, error);
  if (id != nullptr && outcome.verdict == Verdict::kDone) *id = memory.Text(outcome.id);
  return Number(outcome.verdict);
}

void DestroyInstance(capstan_instance_t* instance) {
  try {
    delete instance;
  } catch (...) {
    // An exception in a destructor cannot be reported.
  }
}

std::int32_t Connect(capstan_instance_t* instance, capstan_call_t* call, capstan_text_t kind,
                     const capstan_entry_t* credentials, std::size_t count, capstan_session_t** session,
                     capstan_error_t** error) {
  return Guarded(instance->host, call, error,
                 [&](const CallMemory& memory, const Context& context) -> std::int32_t {
                   auto connected =
                       instance->provider->Connect(Take(kind), TakeCredentials(credentials, count), context);
                   if (!connected) {
                     Report(memory, connected.error(), error);
                     return CAPSTAN_REJECTED;
                   }
                   *session = new capstan_session{instance->host, *std::move(connected)};
                   return CAPSTAN_DONE;
                 });
}

void Disconnect(capstan_session_t* session) {
  try {
    delete session;
  } catch (...) {
    // As above.
  }
}

std::int32_t Find(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                  capstan_text_t desired, capstan_page_t** page, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    auto found = session->external->Find(Take(identity), Take(desired), context);
    Result<Page> whole =
        found ? Result<Page>(Page{*std::move(found), "", {}}) : Fail(std::move(found).error());
    return Answer(memory, whole, page, error);
  });
}

std::int32_t Get(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                 capstan_observed_t** observed, capstan_error_t** error) {
  return Guarded(session->host, call, error,
                 [&](const CallMemory& memory, const Context& context) -> std::int32_t {
                   auto got = session->external->Get(Take(id), context);
                   if (got && !got->has_value()) return CAPSTAN_NOT_FOUND;
                   if (got) {
                     *observed = memory.Put(**got);
                     return CAPSTAN_DONE;
                   }
                   Report(memory, got.error(), error);
                   return CAPSTAN_UNKNOWN;
                 });
}

std::int32_t Create(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                    capstan_text_t desired, capstan_text_t* id, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->Create(Take(identity), Take(desired), context), id, error);
  });
}

std::int32_t Remove(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                    const capstan_remove_options_t* options, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->Delete(Take(id), Take(options), context), nullptr, error);
  });
}

std::int32_t WhoAmI(capstan_session_t* session, capstan_call_t* call, capstan_account_t** account,
                    capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->WhoAmI(context), account, error);
  });
}

std::int32_t List(capstan_session_t* session, capstan_call_t* call, capstan_text_t cursor,
                  capstan_page_t** page, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->List(Take(cursor), context), page, error);
  });
}

std::int32_t MakePlan(capstan_session_t* session, capstan_call_t* call, capstan_text_t desired,
                      const capstan_observed_t* observed, capstan_plan_t** plan, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context&) {
    return Answer(memory, session->external->MakePlan(Take(desired), Take(observed)), plan, error);
  });
}

std::int32_t Apply(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   const capstan_step_t* step, const capstan_identity_t* identity, capstan_text_t* new_id,
                   capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->Apply(Take(id), Take(step), Take(identity), context), new_id,
                  error);
  });
}

std::int32_t Adopt(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   const capstan_identity_t* identity, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->Adopt(Take(id), Take(identity), context), nullptr, error);
  });
}

std::int32_t ListAssociated(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                            capstan_associated_list_t** list, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->ListAssociated(Take(id), context), list, error);
  });
}

std::int32_t GetConnection(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                           capstan_text_t desired, capstan_connection_t** connection,
                           capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->ReadConnection(Take(id), Take(desired), context), connection,
                  error);
  });
}

std::int32_t GetNotices(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                        capstan_text_t since, capstan_notice_list_t** notices, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->Notices(Take(id), Take(since), context), notices, error);
  });
}

const void* Extension(capstan_text_t) { return nullptr; }

std::int32_t GetOffers(capstan_session_t* session, capstan_call_t* call, capstan_text_t catalog,
                       capstan_offer_list_t** offers, capstan_error_t** error) {
  return Guarded(session->host, call, error, [&](const CallMemory& memory, const Context& context) {
    return Answer(memory, session->external->Offers(Take(catalog), context), offers, error);
  });
}

class SimpleProvider final : public Provider {
 public:
  SimpleProvider(const Setup& setup, Manifest manifest, OpenSession open)
      : setup_(setup), manifest_(std::move(manifest)), open_(open) {}
  const Manifest& manifest() const override { return manifest_; }
  Result<std::unique_ptr<External>> Connect(const std::string& kind, const Credentials& credentials,
                                            const Context&) override {
    for (const KindInfo& known : manifest_.kinds) {
      if (known.kind == kind) return open_(setup_, kind, credentials);
    }
    return Fail(Code::kInvalidArgument,
                "the provider \"" + manifest_.name + "\" has no kind \"" + kind + "\"");
  }

 private:
  Setup setup_;
  Manifest manifest_;
  OpenSession open_;
};

}  // namespace

const capstan_plugin_t kOperations = {sizeof(capstan_plugin_t),
                                      CAPSTAN_ABI,
                                      nullptr,
                                      nullptr,
                                      &DestroyInstance,
                                      &Connect,
                                      &Disconnect,
                                      &Find,
                                      &Get,
                                      &Create,
                                      &Remove,
                                      &WhoAmI,
                                      &List,
                                      &MakePlan,
                                      &Apply,
                                      &Adopt,
                                      &ListAssociated,
                                      &GetConnection,
                                      &GetNotices,
                                      &Extension,
                                      &GetOffers};

std::int32_t DescribeFor(const Definition& definition, const capstan_host_t* host, capstan_call_t* call,
                         capstan_text_t* manifest, capstan_error_t** error) noexcept {
  return Guarded(host, call, error, [&](const CallMemory& memory, const Context&) -> std::int32_t {
    *manifest = memory.Text(ManifestText(definition.describe()));
    return CAPSTAN_DONE;
  });
}

std::int32_t CreateFor(const Definition& definition, const capstan_host_t* host, capstan_call_t* call,
                       capstan_text_t config, capstan_instance_t** instance,
                       capstan_error_t** error) noexcept {
  return Guarded(host, call, error, [&](const CallMemory& memory, const Context&) -> std::int32_t {
    auto made = std::make_unique<capstan_instance>(host);
    auto provider =
        definition.configure(Setup{Take(config), made->transport, made->clock, made->random, made->log});
    if (!provider) {
      Report(memory, provider.error(), error);
      return CAPSTAN_REJECTED;
    }
    made->provider = *std::move(provider);
    *instance = made.release();
    return CAPSTAN_DONE;
  });
}

std::unique_ptr<Provider> MakeSimpleProvider(const Setup& setup, Manifest manifest, OpenSession open) {
  return std::make_unique<SimpleProvider>(setup, std::move(manifest), open);
}

Outcome Done(std::string id) { return Outcome{Verdict::kDone, std::move(id), {}}; }

Outcome Failed(Error error) {
  const Verdict verdict = external::CertainlyRefused(error.http_status) ? Verdict::kRejected
                          : error.sent == Sent::kNo                     ? Verdict::kWait
                                                                        : Verdict::kUnknown;
  return Outcome{verdict, "", std::move(error)};
}

Outcome Rejected(Code code, std::string message) {
  return Outcome{Verdict::kRejected, "", Fail(code, std::move(message)).value()};
}

Outcome NotFound() { return Outcome{Verdict::kNotFound, "", {}}; }

}  // namespace capstan::sdk
