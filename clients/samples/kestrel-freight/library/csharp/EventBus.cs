using System;

namespace Kestrel.Platform
{
    /// <summary>Tells the other departments what happened.</summary>
    public static class EventBus
    {
        public static event Action<string, object> Published = delegate { };

        public static void Publish(string name, object subject)
        {
            Published(name, subject);
        }
    }
}
