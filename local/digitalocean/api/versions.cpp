#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>
#include <charconv>

namespace capstan::simulated_digitalocean {
namespace {

bool ReadNumber(std::string_view text, std::int64_t& number) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && number >= 0;
}

bool SameMinor(const VersionNumber& a, const VersionNumber& b) {
  return a.major == b.major && a.minor == b.minor;
}

// Newer patches of the current minor version, and all versions of the next minor in the catalog, in
// catalog order.
std::vector<const VersionOptions*> UpgradesOf(const World& world, const std::string& version) {
  std::vector<const VersionOptions*> upgrades;
  const std::optional<VersionNumber> current = ParseSlug(version);
  if (!current) return upgrades;
  std::optional<VersionNumber> next;
  for (const VersionOptions& option : world.options.catalog.versions) {
    const std::optional<VersionNumber> number = ParseSlug(option.slug);
    if (number && *number > *current && !SameMinor(*number, *current) && (!next || *number < *next))
      next = number;
  }
  for (const VersionOptions& option : world.options.catalog.versions) {
    const std::optional<VersionNumber> number = ParseSlug(option.slug);
    if (number && *number > *current && (SameMinor(*number, *current) || SameMinor(*number, *next)))
      upgrades.push_back(&option);
  }
  return upgrades;
}

}  // namespace

std::optional<VersionNumber> ParseSlug(const std::string& slug) {
  const std::size_t dash = slug.find("-do.");
  if (dash == std::string::npos) return std::nullopt;
  const std::vector<std::string> parts = Split(slug.substr(0, dash), '.');
  VersionNumber number;
  if (parts.size() != 3 || !ReadNumber(parts[0], number.major) || !ReadNumber(parts[1], number.minor) ||
      !ReadNumber(parts[2], number.patch) ||
      !ReadNumber(std::string_view(slug).substr(dash + 4), number.revision))
    return std::nullopt;
  return number;
}

Checked<std::string> ResolveVersion(const World& world, const std::string& wanted) {
  const std::vector<VersionOptions>& versions = world.options.catalog.versions;
  if (wanted == "latest" && !versions.empty()) return versions.front().slug;
  if (world.Version(wanted)) return wanted;
  // "1.35" means its newest patch; "1.35.3" without "-do.N" is not known to work.
  if (std::count(wanted.begin(), wanted.end(), '.') == 1)
    for (const VersionOptions& version : versions)
      if (version.slug.rfind(wanted + ".", 0) == 0) return version.slug;
  return Invalid("invalid version slug");
}

std::vector<const VersionOptions*> AvailableUpgrades(const World& world, const std::string& version) {
  // Only the newest patch of a minor version can be upgraded to the next minor.
  std::vector<const VersionOptions*> patches, next;
  const std::optional<VersionNumber> current = ParseSlug(version);
  for (const VersionOptions* option : UpgradesOf(world, version))
    (SameMinor(*ParseSlug(option->slug), *current) ? patches : next).push_back(option);
  return patches.empty() ? next : patches;
}

std::vector<const VersionOptions*> ListedUpgrades(const World& world, const std::string& version) {
  return world.options.behaviour.upgrades_list_next_minor ? UpgradesOf(world, version)
                                                          : AvailableUpgrades(world, version);
}

}  // namespace capstan::simulated_digitalocean
