#include <capstan/apps/capstan/reference/reference.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// Escapes a text for a man page, so that nothing in it is a roff request.
std::string ManText(std::string text) {
  text = Replaced(std::move(text), "\\", "\\e");
  text = Replaced(std::move(text), "-", "\\-");
  if (!text.empty() && (text[0] == '.' || text[0] == '\'')) text.insert(0, "\\&");
  return Replaced(Replaced(std::move(text), "\n.", "\n\\&."), "\n'", "\n\\&'");
}

// Escapes a text for zsh's _arguments and _describe: inside '...', where [ ] and : are special.
std::string Zsh(std::string text) {
  text = Replaced(std::move(text), "\\", "\\\\");
  text = Replaced(std::move(text), "'", "'\\''");
  text = Replaced(Replaced(std::move(text), "[", "\\["), "]", "\\]");
  return Replaced(std::move(text), ":", "\\:");
}

std::string UpperCase(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

// Without a date: the same sources give the same page.
std::string ManHeading(const std::string& name, const ProgramReference& program) {
  return StrCat(".TH ", ManText(UpperCase(name)), " 1 \"\" \"capstan ", ManText(program.version),
                "\" \"Capstan\"\n");
}

std::string Function(const std::string& command) { return Replaced(command, "-", "_"); }

}  // namespace

std::string BashCompletion(const ProgramReference& program) {
  std::string text =
      "# bash completion for capstan, made by `capstan complete bash`\n"
      "_capstan() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]:-} flags=\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W \"help";
  for (const CommandReference& command : program.commands) text += " " + command.name;
  text +=
      "\" -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case $command in\n";
  for (const CommandReference& command : program.commands) {
    text += StrCat("    ", command.name, ") flags=\"--help");
    for (const FlagReference& flag : command.flags)
      text += StrCat(" --", flag.name, flag.is_switch ? "" : "=");
    text += "\" ;;\n";
  }
  text +=
      "  esac\n"
      "  case $current in\n"
      "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$current\")) ;;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
      "  esac\n"
      "  [[ ${COMPREPLY[0]:-} == *= ]] && compopt -o nospace\n"
      "  return 0\n"
      "}\n"
      "complete -o filenames -F _capstan capstan\n";
  return text;
}

std::string ZshCompletion(const ProgramReference& program) {
  std::string text =
      "#compdef capstan\n"
      "# zsh completion for capstan, made by `capstan complete zsh`\n"
      "_capstan_commands() {\n"
      "  local -a commands=(\n";
  for (const CommandReference& command : program.commands)
    text += StrCat("    '", Zsh(command.name), ":", Zsh(command.summary), "'\n");
  text +=
      "  )\n"
      "  _describe command commands\n"
      "}\n";
  for (const CommandReference& command : program.commands) {
    text += StrCat("_capstan_", Function(command.name), "() {\n  _arguments");
    for (const FlagReference& flag : command.flags) {
      text += StrCat(" \\\n    '--", Zsh(flag.name), flag.is_switch ? "" : "=", "[", Zsh(flag.help), "]",
                     flag.is_switch ? "" : ":value:_files", "'");
    }
    text += " \\\n    '*:argument:_files'\n}\n";
  }
  text +=
      "_capstan() {\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _capstan_commands\n"
      "    return\n"
      "  fi\n"
      "  local command=${words[2]//-/_}\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  (( $+functions[_capstan_$command] )) && _capstan_$command\n"
      "}\n"
      "_capstan \"$@\"\n";
  return text;
}

std::string ManPage(const ProgramReference& program) {
  std::string text = StrCat(ManHeading("capstan", program),
                            ".SH NAME\ncapstan \\- run cloud resources from Kubernetes, with providers as "
                            "plugins\n.SH SYNOPSIS\n.B capstan\n.I COMMAND\n.RI [ FLAGS ]\n.SH DESCRIPTION\n"
                            "Capstan is a Kubernetes operator. It watches custom resources, and creates, "
                            "changes and deletes what they describe in a cloud. Clouds come in as plugins.\n"
                            ".SH COMMANDS\n");
  for (const CommandReference& command : program.commands)
    text += StrCat(".TP\n.BR capstan\\-", ManText(command.name), " (1)\n", ManText(command.summary), "\n");
  text +=
      ".SH EXIT STATUS\n"
      ".TP\n.B 0\nDone.\n"
      ".TP\n.B 1\nFailed, or the object is not there; one line on standard error says why.\n"
      ".TP\n.B 2\nA flag or an argument is wrong.\n"
      ".TP\n.B 3\nThe plan is not empty (\\fBcapstan plan \\-\\-detailed\\-exitcode\\fR).\n"
      ".TP\n.B 4\nIt did not happen in time (\\fBcapstan wait\\fR).\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B KUBECONFIG\nThe kubeconfig, where \\-\\-kubeconfig is not given.\n"
      ".TP\n.B DIGITALOCEAN_ACCESS_TOKEN\nThe token for objects that name no Secret, in the namespaces that "
      "\\-\\-env\\-token\\-namespaces allows.\n"
      ".TP\n.B DIGITALOCEAN_API_URL\nWhere the DigitalOcean API is.\n"
      ".TP\n.B CAPSTAN_OPERATOR_URL\nThe operator that \\fBcapstan explain\\fR asks for the last effects.\n"
      ".TP\n.B NO_COLOR\nWhere it is set and not empty, nothing is coloured.\n"
      ".SH FILES\n"
      ".TP\n.I /etc/capstan/run.flags\nThe flags of the systemd unit, one a line.\n"
      ".SH SEE ALSO\n";
  std::vector<std::string> pages;
  for (const CommandReference& command : program.commands)
    pages.push_back(StrCat(".BR capstan\\-", ManText(command.name), " (1)"));
  return text + Join(pages, ",\n") + "\n";
}

std::string ManPage(const ProgramReference& program, const CommandReference& command) {
  std::string text = StrCat(ManHeading("capstan-" + command.name, program), ".SH NAME\ncapstan\\-",
                            ManText(command.name), " \\- ", ManText(command.summary), "\n.SH SYNOPSIS\n");
  text += StrCat(".B capstan ", ManText(command.usage), "\n");
  if (!command.flags.empty()) text += ".SH OPTIONS\nUnderscores do as well as dashes.\n";
  for (const FlagReference& flag : command.flags) {
    text += StrCat(".TP\n.B \\-\\-", ManText(flag.name), flag.is_switch ? "" : "=\\fIVALUE\\fR", "\n",
                   ManText(flag.help));
    if (!flag.default_value.empty()) text += StrCat(" (default: ", ManText(flag.default_value), ")");
    text += "\n";
  }
  return text + ".SH SEE ALSO\n.BR capstan (1)\n";
}

}  // namespace capstan::app
