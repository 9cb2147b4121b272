// `capstan plugins verify FILE`.
#pragma once

#include <string>

namespace capstan::app {

// The flags of `plugins verify`, for CommandInfo::flags.
extern const char kVerifierFlags[];

// Puts the plugin in this file through the conformance suite, as the flags of plugin_verifier.cpp
// say. Prints the findings on standard output, as VerificationReport has them. 0: all hold;
// 1: one does not, or nothing could be verified; 2: misused.
int VerifyPlugin(const std::string& file);

}  // namespace capstan::app
