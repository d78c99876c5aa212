package io.clipper.gateway.admin;

import java.util.ArrayList;
import java.util.List;

/**
 * The words of a command in one line, as a shell parts them: at blanks, but not within '…' and "…", and a backslash takes the next character as it
 * is (within "…" only before " and \). Nothing else has a meaning: no variables, no patterns, no pipes.
 */
final class CommandWords {
  private static final char NO_QUOTE = 0;

  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private char quote = NO_QUOTE;

  private CommandWords() {}

  /** Throws {@link IllegalArgumentException} for a quote that is not closed, or a backslash at the end. */
  static List<String> of(String line) {
    CommandWords parting = new CommandWords();
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '\\' && parting.escapes(line, i)) {
        i++;
        parting.take(line.charAt(i));
      } else {
        parting.read(line.charAt(i));
      }
    }
    if (parting.quote != NO_QUOTE) {
      throw new IllegalArgumentException("a %s is not closed in '%s'".formatted(parting.quote, line));
    }
    parting.endWord();
    return parting.words;
  }

  private boolean escapes(String line, int at) {
    if (quote == '\'') {
      return false;
    }
    if (at + 1 == line.length()) {
      throw new IllegalArgumentException("nothing follows the last \\ of '%s'".formatted(line));
    }
    return quote == NO_QUOTE || line.charAt(at + 1) == '"' || line.charAt(at + 1) == '\\';
  }

  private void read(char character) {
    if (character == quote) {
      quote = NO_QUOTE;
    } else if (quote != NO_QUOTE) {
      take(character);
    } else if (character == '\'' || character == '"') {
      quote = character;
      inWord = true; // '' is a word
    } else if (Character.isWhitespace(character)) {
      endWord();
    } else {
      take(character);
    }
  }

  private void take(char character) {
    word.append(character);
    inWord = true;
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }
}
