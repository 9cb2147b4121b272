// LeaseNames are how the members of a group, and who looks at them, find its Leases. Pure
// functions.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::shards {

inline constexpr std::string_view kMemberPart = "-member-";
inline constexpr std::string_view kShardPart = "-shard-";
// Begins the name under which all members hold the Lease of their group together: "shards-12".
inline constexpr std::string_view kTogether = "shards-";

// Short, and the same for the same text: a name may have what a Lease's name may not.
inline std::string Fingerprint(const std::string& text) {
  const std::string digest = Secret(std::string(text)).Fingerprint();
  return digest.substr(digest.find(':') + 1);
}

// Of a member, by its name: "capstan-member-1f2e3d4c". It renews this one as long as it lives.
inline std::string MemberLeaseName(const std::string& group, const std::string& holder) {
  return StrCat(group, kMemberPart, Fingerprint(holder));
}
// Of a shard, by its label (ShardLabel): "capstan-shard-12-3". Its holder is a member.
inline std::string ShardLeaseName(const std::string& group, std::string_view label) {
  return StrCat(group, kShardPart, label);
}

}  // namespace capstan::shards
