/// A value that must not be shown: it prints as `[redacted]`, also inside other values and in a debugger's dump.
package struct Secret: Sendable, Equatable {
    /// The value itself; hand it only to what needs it.
    package let value: String

    package init(_ value: String) { self.value = value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
