// A plugin in C++ is one class and one macro, which hide the C ABI, its memory rules and its
// exceptions.
//
//     class Clusters : public capstan::sdk::External {  // what a cloud must offer: core/external
//      public:
//       static capstan::sdk::Manifest Describe();       // what the plugin is
//       static Result<std::unique_ptr<External>> Open(  // sends no requests
//           const Setup& setup, const std::string& kind, const Credentials& credentials);
//       ...
//     };
//     CAPSTAN_PLUGIN(Clusters, "mycloud", "0.1.0", "mycloud.dev/Cluster");
//
// Instead of Open, a plugin whose sessions share state has a
//
//     static Result<std::unique_ptr<Provider>> Configure(const Setup& setup);
//
// Every request goes through setup.transport; time, randomness and log lines come from setup too.
// All of Setup can be stored: it exists as long as the instance. Do not start threads. Exceptions
// are allowed everywhere and become an error kInternal. The Context of a call stops at the first
// use of anything in Setup after the host requested an end of the call.
#pragma once

#include <memory>
#include <string>

#include <capstan/plugin.h>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::sdk {

using capstan::Code;
using capstan::Context;
using capstan::Error;
using capstan::Fail;
using capstan::Result;
using capstan::Secret;
using external::Account;
using external::Associated;
using external::Connection;
using external::Credentials;
using external::DeleteOptions;
using external::Difference;
using external::External;
using external::Identity;
using external::IdentityKept;
using external::KindInfo;
using external::Manifest;
using external::Notice;
using external::Observed;
using external::Offer;
using external::Outcome;
using external::Page;
using external::Phase;
using external::Plan;
using external::Provider;
using external::Quota;
using external::Step;
using external::Unsupported;
using external::Verdict;

// The environment of an instance of the plugin.
struct Setup {
  std::string config;  // JSON object, as described by the manifest's config_schema
  http::Transport& transport;
  Clock& clock;
  Random& random;
  Log& log;
};

// Short forms of outcomes. Failed derives the verdict from the error: an unsent request and a 4xx
// are certainly not done; everything else is unknown.
Outcome Done(std::string id = "");
Outcome Failed(Error error);
Outcome Rejected(Code code, std::string message);
Outcome NotFound();

// Private: used by the macro.
struct Definition {
  Manifest (*describe)();
  Result<std::unique_ptr<Provider>> (*configure)(const Setup& setup);
};
std::int32_t DescribeFor(const Definition& definition, const capstan_host_t* host, capstan_call_t* call,
                         capstan_text_t* manifest, capstan_error_t** error) noexcept;
std::int32_t CreateFor(const Definition& definition, const capstan_host_t* host, capstan_call_t* call,
                       capstan_text_t config, capstan_instance_t** instance,
                       capstan_error_t** error) noexcept;
// A provider that opens a session by `open`.
using OpenSession = Result<std::unique_ptr<External>> (*)(const Setup&, const std::string&,
                                                          const Credentials&);
std::unique_ptr<Provider> MakeSimpleProvider(const Setup& setup, Manifest manifest, OpenSession open);
// The operations that do not depend on the plugin's class.
extern const capstan_plugin_t kOperations;

template <class Class>
struct Plugin {
  static Result<std::unique_ptr<Provider>> Configure(const Setup& setup) {
    if constexpr (requires { Class::Configure(setup); }) {
      return Class::Configure(setup);
    } else {
      return MakeSimpleProvider(setup, Class::Describe(), &Class::Open);
    }
  }
  static std::int32_t Describe(const capstan_host_t* host, capstan_call_t* call, capstan_text_t* manifest,
                               capstan_error_t** error) {
    return DescribeFor(Definition{&Class::Describe, &Configure}, host, call, manifest, error);
  }
  static std::int32_t Create(const capstan_host_t* host, capstan_call_t* call, capstan_text_t config,
                             capstan_instance_t** instance, capstan_error_t** error) {
    return CreateFor(Definition{&Class::Describe, &Configure}, host, call, config, instance, error);
  }
  static const capstan_plugin_t* Table() {
    static const capstan_plugin_t kTable = [] {
      capstan_plugin_t table = kOperations;
      table.describe = &Describe;
      table.create_instance = &Create;
      return table;
    }();
    return &kTable;
  }
};

}  // namespace capstan::sdk

// Use once per plugin, at namespace scope: the class, then name, version and kinds
// ("group/Kind,...") exactly as in the manifest. They are written into the file, where the host
// reads them before it runs any code of the plugin. A plugin whose kinds have catalogs
// (External::Offers) also lists these.
#define CAPSTAN_PLUGIN_WITH(Class, plugin_name, plugin_version, plugin_kinds, plugin_catalogs) \
  CAPSTAN_PLUGIN_NOTE_WITH(plugin_name, plugin_version, plugin_kinds, plugin_catalogs);        \
  extern "C" CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(std::uint32_t) {         \
    return ::capstan::sdk::Plugin<Class>::Table();                                             \
  }                                                                                            \
  static_assert(true, "a semicolon follows")
#define CAPSTAN_PLUGIN(Class, plugin_name, plugin_version, plugin_kinds) \
  CAPSTAN_PLUGIN_WITH(Class, plugin_name, plugin_version, plugin_kinds, "")
