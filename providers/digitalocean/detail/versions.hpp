// Private to providers/digitalocean: Kubernetes versions as DigitalOcean writes them, "1.34.1-do.2".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace capstan::digitalocean {

// major, minor, patch, revision; nothing when the text is not a full slug.
using VersionNumbers = std::array<int, 4>;
std::optional<VersionNumbers> ParseSlug(std::string_view slug);

// What spec.version asks for.
struct WantedVersion {
  enum class Kind { kLatest, kMinor, kExact } kind = Kind::kLatest;
  VersionNumbers numbers{};  // kMinor: the first two
  std::string text;          // as it stands in the spec
};
// "latest", "1.34" or a full slug; nothing for anything else.
std::optional<WantedVersion> ParseWanted(const std::string& text);

// The slug to send at creation: the newest of `offered` that fits, or the text itself, so that the API
// refuses it in its own words.
std::string ResolveForCreate(const std::string& wanted, const std::vector<std::string>& offered);

// The next version on the way from `current` to `wanted`, out of what /upgrades offers; nothing when none
// leads there. Never back, never beyond `wanted`, at most one minor at a time, the newest patch of it; the
// newest patch of the present minor first where the next minor is not offered yet.
std::optional<std::string> NextHop(const VersionNumbers& current, const WantedVersion& wanted,
                                   const std::vector<std::string>& offered);

}  // namespace capstan::digitalocean
