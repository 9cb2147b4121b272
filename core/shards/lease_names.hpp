// The names of the Leases of a group, for its members and for tools that inspect them. Pure
// functions.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::shards {

inline constexpr std::string_view kMemberPart = "-member-";
inline constexpr std::string_view kShardPart = "-shard-";
// Prefix of the identity under which all members hold the Lease of their group together:
// "shards-12".
inline constexpr std::string_view kTogether = "shards-";

// Short and deterministic: the text may contain characters that a Lease's name may not.
inline std::string Fingerprint(const std::string& text) {
  const std::string digest = Secret(std::string(text)).Fingerprint();
  return digest.substr(digest.find(':') + 1);
}

// Lease of a member, by its name: "capstan-member-1f2e3d4c". The member renews it as long as it
// lives.
inline std::string MemberLeaseName(const std::string& group, const std::string& holder) {
  return StrCat(group, kMemberPart, Fingerprint(holder));
}
// Lease of a shard, by its label (ShardLabel): "capstan-shard-12-3". Its holder is a member.
inline std::string ShardLeaseName(const std::string& group, std::string_view label) {
  return StrCat(group, kShardPart, label);
}

}  // namespace capstan::shards
