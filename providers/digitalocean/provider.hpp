// The DigitalOcean provider: DOKS clusters for `kind: DigitalOceanCluster`, implemented as an
// External over a Transport. Thread-safe, as core/external requires.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::digitalocean {

inline constexpr char kKind[] = "DigitalOceanCluster";
inline constexpr char kName[] = "digitalocean";
inline constexpr char kVersion[] = "0.1.0";

// The provider's manifest, including its CustomResourceDefinition. Sends no requests.
external::Manifest MakeManifest();

// `config_json`: {"apiURL": "https://api.digitalocean.com"}, every field optional; "" is {}.
// Errors: kInvalidArgument naming the field. Transport, clock, random and log must outlive the
// provider.
Result<std::unique_ptr<external::Provider>> MakeProvider(const std::string& config_json,
                                                         http::Transport& transport, Clock& clock,
                                                         Random& random, Log& log);

}  // namespace capstan::digitalocean
