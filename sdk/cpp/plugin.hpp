// A plugin in C++: one class and one macro. Everything about the C ABI, its memory and its
// exceptions happens behind them.
//
//   class Clusters : public capstan::sdk::External {                    // what a cloud must say:
//   core/external
//    public:
//     static capstan::sdk::Manifest Describe();                         // what the plugin is
//     static Result<std::unique_ptr<External>> Open(const Setup& setup, const std::string& kind,
//                                                   const Credentials& credentials);   // asks nobody
//     ...
//   };
//   CAPSTAN_PLUGIN(Clusters, "mycloud", "0.1.0", "mycloud.dev/Cluster");
//
// A plugin that keeps something for all its sessions has, instead of Open, a
//     static Result<std::unique_ptr<Provider>> Configure(const Setup& setup);
//
// Every request goes through setup.transport; time, randomness and log lines come from setup too.
// All of Setup may be kept: it lives as long as the instance. Start no threads. Throwing is allowed
// anywhere: it becomes an error kInternal. The Context of a call stops once the host has asked for
// an end and the plugin has used anything of Setup since.
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

// What an instance of the plugin is made of.
struct Setup {
  std::string config;  // JSON object, as the manifest's config_schema describes it
  http::Transport& transport;
  Clock& clock;
  Random& random;
  Log& log;
};

// Outcomes in short. Failed keeps what the error knows: not sent means certainly not done, so does
// a 4xx; all else is unknown.
Outcome Done(std::string id = "");
Outcome Failed(Error error);
Outcome Rejected(Code code, std::string message);
Outcome NotFound();

// Private: what the macro is made of.
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

// Once per plugin, at namespace scope: the class, then name, version and kinds ("group/Kind,...")
// as the manifest says them. They are written into the file, where the host reads them before it
// runs anything of the plugin. A plugin whose kinds have catalogs (External::Offers) names them
// too.
#define CAPSTAN_PLUGIN_WITH(Class, plugin_name, plugin_version, plugin_kinds, plugin_catalogs) \
  CAPSTAN_PLUGIN_NOTE_WITH(plugin_name, plugin_version, plugin_kinds, plugin_catalogs);        \
  extern "C" CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(std::uint32_t) {         \
    return ::capstan::sdk::Plugin<Class>::Table();                                             \
  }                                                                                            \
  static_assert(true, "a semicolon follows")
#define CAPSTAN_PLUGIN(Class, plugin_name, plugin_version, plugin_kinds) \
  CAPSTAN_PLUGIN_WITH(Class, plugin_name, plugin_version, plugin_kinds, "")
